// A canvas that fills its box: drawn in CSS pixels, sharp in device pixels.

/** A canvas with its size in CSS pixels, its theme, and texts in the theme's font. */
export class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.width = 0;
    this.height = 0;
  }

  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  /** Clears the canvas. `unit` is the font size of the view in pixels. */
  begin(theme, unit) {
    const ratio = window.devicePixelRatio || 1;
    const pixelWidth = Math.round(this.width * ratio);
    const pixelHeight = Math.round(this.height * ratio);
    if (this.canvas.width !== pixelWidth || this.canvas.height !== pixelHeight) {
      this.canvas.width = pixelWidth;
      this.canvas.height = pixelHeight;
    }
    const context = this.context;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.setLineDash([]);
    context.textBaseline = "middle";
    context.textAlign = "left";
    this.theme = theme;
    this.unit = unit;
    this.setFont(0.8);
    return context;
  }

  /** `size` in units: 1 is the size of ordinary text in the view. */
  setFont(size, weight = 400) {
    this.context.font = `${weight} ${Math.max(9, size * this.unit)}px ${this.theme.font}`;
  }

  /** Text on empty ground: a halo costs more than the text itself. */
  write(text, x, y, { color = this.theme.text, align = "center" } = {}) {
    this.context.textAlign = align;
    this.context.fillStyle = color;
    this.context.fillText(text, x, y);
  }

  /** Text that stays readable over lines. */
  label(text, x, y, { color = this.theme.text, align = "center" } = {}) {
    const context = this.context;
    context.textAlign = align;
    context.lineJoin = "round";
    context.lineWidth = 4;
    context.strokeStyle = this.theme.halo;
    context.setLineDash([]);
    context.strokeText(text, x, y);
    context.fillStyle = color;
    context.fillText(text, x, y);
  }

  /** A number on a plate of its own: a line that showed between its digits would change it. */
  plate(text, x, y) {
    const context = this.context;
    const size = parseFloat(context.font.match(/([\d.]+)px/)[1]);
    const width = context.measureText(text).width + 5;
    context.fillStyle = this.theme.plate;
    context.beginPath();
    context.roundRect(x - width / 2, y - size * 0.6, width, size * 1.2, size * 0.3);
    context.fill();
    context.textAlign = "center";
    context.fillStyle = this.theme.text;
    context.fillText(text, x, y);
  }
}

/** A path with a wide line below and a narrow one above: it stands out on every ground. */
export function strokeTwice(context, path, under, wide, over, narrow) {
  context.lineJoin = context.lineCap = "round";
  context.strokeStyle = under;
  context.lineWidth = wide;
  context.stroke(path);
  context.strokeStyle = over;
  context.lineWidth = narrow;
  context.stroke(path);
  context.lineCap = "butt";
}
