// What every canvas needs: the theme's colours, crisp pixels, numbers as text.

const MIDDLE = 127; // frame.py writes signed values as bytes from 0 to 254

let normalizer = null;

function toRgb(color) {
  normalizer ??= document.createElement("canvas").getContext("2d");
  normalizer.fillStyle = "#000";
  normalizer.fillStyle = color;
  const normal = normalizer.fillStyle;
  if (normal.startsWith("#")) {
    return [1, 3, 5].map((start) => parseInt(normal.slice(start, start + 2), 16));
  }
  return normal.match(/[\d.]+/g).slice(0, 3).map(Number);
}

function mix(from, to, share) {
  return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

function css(rgb, alpha = 1) {
  return `rgba(${rgb[0]},${rgb[1]},${rgb[2]},${alpha})`;
}

// A packed pixel for each byte.
function pixelTable(colorOf) {
  const pixels = new Uint32Array(256);
  const bytes = new Uint8Array(pixels.buffer);
  for (let i = 0; i < 256; i++) bytes.set([...colorOf(i), 255], 4 * i);
  return pixels;
}

// Okabe and Ito's colours, which stay apart in every common kind of colour blindness; beyond
// eight classes the shapes of the points still tell them apart.
const CLASS_COLORS = [
  "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b6d3a", "#7a52c7",
  "#6b6b6b", "#a0b000",
];
const REGION_LEVELS = 40;

// The ground of a class, from hardly preferred to certain.
function regionTable(neutral, color) {
  const pixels = new Uint32Array(REGION_LEVELS + 1);
  const bytes = new Uint8Array(pixels.buffer);
  for (let i = 0; i <= REGION_LEVELS; i++) {
    bytes.set([...mix(neutral, color, 0.12 + (0.58 * i) / REGION_LEVELS), 255], 4 * i);
  }
  return pixels;
}

let lastTheme = { key: "" };

// The theme is asked at each frame, because the user may change it at any time; what follows
// from it is made anew only then.
function readTheme(element) {
  const style = getComputedStyle(element);
  const background = style.getPropertyValue("--st-background-color") || "#ffffff";
  const text = style.getPropertyValue("--st-text-color") || "#31333f";
  const font = style.fontFamily;
  const key = `${background}|${text}|${font}`;
  if (key === lastTheme.key) return lastTheme;
  const ground = toRgb(background);
  const ink = toRgb(text);
  const dark = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2] < 128;
  // Blue and orange stay apart in every common kind of colour blindness.
  const positive = dark ? [78, 168, 245] : [0, 104, 183];
  const negative = dark ? [250, 150, 50] : [222, 98, 0];
  const neutral = dark ? mix(ground, ink, 0.1) : [246, 246, 246];
  lastTheme = {
    key,
    dark,
    font,
    ground,
    ink,
    positive,
    negative,
    neutral,
    text: css(ink),
    faint: css(mix(ground, ink, 0.66)),
    line: css(mix(ground, ink, 0.2)),
    background: css(ground),
    halo: css(ground, 0.85),
    plate: css(ground, 0.92),
    wrong: dark ? "#ff6b9d" : "#c2004e",
    right: dark ? "#4fd1a5" : "#00795a",
    diverging: pixelTable((i) =>
      mix(neutral, i < MIDDLE ? negative : positive, Math.min(1, Math.abs(i - MIDDLE) / MIDDLE)),
    ),
    gray: pixelTable((i) => mix(ground, ink, i / 255)),
    classes: CLASS_COLORS.map((color) => (dark ? mix(toRgb(color), [255, 255, 255], 0.2) : toRgb(color))),
    regions: CLASS_COLORS.map((color) => regionTable(neutral, toRgb(color))),
  };
  return lastTheme;
}

const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2]];

// A canvas that fills its box, in device pixels, drawn in CSS pixels.
class Surface {
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

  // `size` in units: 1 is the size of ordinary text in the view.
  setFont(size, weight = 400) {
    this.context.font = `${weight} ${Math.max(9, size * this.unit)}px ${this.theme.font}`;
  }

  // Text on empty ground: a halo costs more than the text itself.
  write(text, x, y, { color = this.theme.text, align = "center" } = {}) {
    this.context.textAlign = align;
    this.context.fillStyle = color;
    this.context.fillText(text, x, y);
  }

  // Text that stays readable over lines.
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

  // A number on a plate of its own: a line that showed between its digits would change it.
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

// One picture of bytes or pixels, kept between frames, to be stretched on a canvas.
class Bitmap {
  constructor() {
    this.canvas = document.createElement("canvas");
  }

  // `columns` x `rows` pixels; row 0 is drawn at the bottom if `upwards`.
  fill(columns, rows, upwards, pixelAt) {
    if (this.canvas.width !== columns || this.canvas.height !== rows || !this.image) {
      this.canvas.width = columns;
      this.canvas.height = rows;
      this.context = this.canvas.getContext("2d");
      this.image = this.context.createImageData(columns, rows);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    for (let row = 0; row < rows; row++) {
      const target = (upwards ? rows - 1 - row : row) * columns;
      for (let column = 0; column < columns; column++) {
        this.pixels[target + column] = pixelAt(row * columns + column);
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  // Samples lie on the edges of the square, not in the middle of cells: half a pixel is cut off.
  drawSamples(context, x, y, width, height) {
    const columns = this.canvas.width;
    const rows = this.canvas.height;
    const cutX = columns > 1 ? 0.5 : 0;
    const cutY = rows > 1 ? 0.5 : 0;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "medium";
    context.drawImage(
      this.canvas, cutX, cutY, columns - 2 * cutX, rows - 2 * cutY, x, y, width, height,
    );
  }

  drawPixels(context, x, y, width, height) {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, x, y, width, height);
  }
}

function bitmapFor(cache, index) {
  return (cache[index] ??= new Bitmap());
}

function fixed(value, digits = 2) {
  if (value === null || value === undefined || Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 10 ** 5) return value.toExponential(1).replace("-", "−");
  const shrunk = Math.abs(value) >= 100 ? Math.max(0, digits - 1) : digits;
  const text = value.toFixed(shrunk);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

// Nine significant digits tell every float32 from its neighbours.
function exact(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return fixed(value);
  return `${+value.toPrecision(9)}`.replaceAll("-", "−");
}

// Three significant digits, in the shortest form: for losses, from 1e-9 to 1e9.
function short(value) {
  if (!Number.isFinite(value)) return typeof value === "string" ? value : fixed(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.001 || size >= 10 ** 5) return value.toExponential(1).replaceAll("-", "−");
  return (size >= 100 ? value.toFixed(0) : value.toPrecision(3)).replace("-", "−");
}

// Counts on an axis: 1500 as 1.5k.
function compact(value) {
  if (value >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e4) return `${+(value / 1e3).toPrecision(3)}k`;
  return `${+value.toPrecision(3)}`;
}

function niceStep(span, most) {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}
