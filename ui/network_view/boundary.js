// The output over the input square, with the line where the answer changes.

class BoundaryDrawing {
  constructor() {
    this.bitmaps = [];
  }

  draw(surface, panel) {
    if (panel.names.length === 1) this.drawLine(surface, panel);
    else this.drawSquares(surface, panel);
  }

  drawSquares(surface, panel) {
    const { unit, width, height } = surface;
    const count = panel.squares.length;
    const titled = count > 1;
    const head = titled ? unit * 1.3 : unit * 0.3;
    const left = unit * 1.9;
    const foot = unit * 2.1;
    const scaleHeight = unit * 2.2;
    const arrangements = [1, 2, 4]
      .filter((columns) => columns <= count)
      .map((columns) => {
        const rows = Math.ceil(count / columns);
        const side = Math.min(
          (width - unit * 0.5) / columns - left,
          (height - scaleHeight) / rows - head - foot,
        );
        return { columns, rows, side };
      });
    const { columns, rows, side } = arrangements.reduce((a, b) => (b.side > a.side ? b : a));
    const blockWidth = side + left;
    const blockHeight = side + head + foot;
    const startX = (width - columns * blockWidth - unit * 0.5) / 2;
    const startY = Math.max(0, (height - scaleHeight - rows * blockHeight) / 2);
    for (let square = 0; square < count; square++) {
      const x = startX + (square % columns) * blockWidth + left;
      const y = startY + Math.floor(square / columns) * blockHeight + head;
      this.drawSquare(surface, panel, square, x, y, side);
      if (titled) {
        surface.setFont(0.8, 600);
        surface.label(panel.squares[square], x + side / 2, y - unit * 0.7);
      }
    }
    const end = startY + rows * blockHeight;
    drawScale(surface, panel, startX + left, end + unit * 0.2, columns * blockWidth - left);
  }

  drawSquare(surface, panel, square, x, y, side) {
    const { context, theme, unit } = surface;
    const { field } = panel.arrays;
    const [, rows, columns] = field.shape;
    const start = square * rows * columns;
    const { threshold, reach } = panel;
    const bitmap = bitmapFor(this.bitmaps, square);
    bitmap.fill(columns, rows, true, (i) =>
      theme.diverging[shade((field.values[start + i] - threshold) / reach)],
    );
    bitmap.drawSamples(context, x, y, side, side);

    const path = contour(field.values, start, columns, rows, threshold, x, y, side);
    context.lineJoin = context.lineCap = "round";
    context.strokeStyle = theme.halo;
    context.lineWidth = unit * 0.38;
    context.stroke(path);
    context.strokeStyle = theme.text;
    context.lineWidth = unit * 0.17;
    context.stroke(path);
    context.lineCap = "butt";

    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x, y, side, side);
    const place = (value) => ((value - panel.low) / (panel.high - panel.low)) * side;
    surface.setFont(0.75);
    for (const tick of [0, 1]) {
      surface.label(String(tick), x + place(tick), y + side + unit * 0.65, { color: theme.faint });
      surface.label(String(tick), x - unit * 0.6, y + side - place(tick), { color: theme.faint });
    }
    surface.setFont(0.85, 600);
    surface.label(panel.names[0], x + side / 2, y + side + unit * 1.0);
    surface.label(panel.names[1], x - unit * 1.1, y + side / 2);

    const { points, target, right } = panel.arrays;
    const owner = panel.arrays.square;
    for (let i = 0; i < target.values.length; i++) {
      if (owner.values[i] !== square) continue;
      const pointX = x + place(points.values[2 * i]);
      const pointY = y + side - place(points.values[2 * i + 1]);
      const size = Math.max(4, Math.min(unit * 0.55, side * 0.045));
      drawPoint(surface, pointX, pointY, size, target.values[i], right.values[i]);
    }
  }

  // One input: the output as a curve, coloured ground behind it.
  drawLine(surface, panel) {
    const { context, theme, unit, width, height } = surface;
    const { values, shape } = panel.arrays.field;
    const columns = shape[2];
    const { threshold, reach } = panel;
    const [low, high] = [threshold - 1.25 * reach, threshold + 1.25 * reach];
    const x = unit * 2.6;
    const y = unit * 0.5;
    const plotWidth = width - x - unit * 0.6;
    const plotHeight = height - y - unit * 2.2;
    const placeX = (value) => x + ((value - panel.low) / (panel.high - panel.low)) * plotWidth;
    const placeY = (value) =>
      y + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * plotHeight;
    const bitmap = bitmapFor(this.bitmaps, 0);
    bitmap.fill(columns, 1, true, (i) => theme.diverging[shade((values[i] - threshold) / reach)]);
    context.globalAlpha = 0.55;
    bitmap.drawSamples(context, x, y, plotWidth, plotHeight);
    context.globalAlpha = 1;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x, y, plotWidth, plotHeight);

    context.strokeStyle = theme.faint;
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(x, placeY(threshold));
    context.lineTo(x + plotWidth, placeY(threshold));
    context.stroke();
    context.setLineDash([]);

    context.beginPath();
    for (let i = 0; i < columns; i++) {
      const value = panel.low + ((panel.high - panel.low) * i) / (columns - 1);
      context.lineTo(placeX(value), placeY(values[i]));
    }
    context.lineJoin = "round";
    context.strokeStyle = theme.halo;
    context.lineWidth = unit * 0.4;
    context.stroke();
    context.strokeStyle = theme.text;
    context.lineWidth = unit * 0.19;
    context.stroke();

    surface.setFont(0.75);
    for (const tick of [0, 1]) {
      surface.label(String(tick), placeX(tick), y + plotHeight + unit * 0.65, {
        color: theme.faint,
      });
    }
    for (const tick of [threshold - reach, threshold, threshold + reach]) {
      surface.label(String(tick).replace("-", "−"), x - unit * 0.35, placeY(tick), {
        color: theme.faint, align: "right",
      });
    }
    surface.setFont(0.85, 600);
    surface.label(panel.names[0], x + plotWidth / 2, y + plotHeight + unit * 1.3);
    surface.label(panel.output_name, unit * 0.7, y + unit * 0.5);
    const { points, target, right } = panel.arrays;
    for (let i = 0; i < target.values.length; i++) {
      const wanted = threshold + (target.values[i] ? reach : -reach);
      drawPoint(
        surface, placeX(points.values[i]), placeY(wanted), unit * 0.55,
        target.values[i], right.values[i],
      );
    }
  }
}

function shade(share) {
  if (Number.isNaN(share)) return MIDDLE;
  return Math.round(MIDDLE + MIDDLE * Math.min(1, Math.max(-1, share)));
}

// Class by shape, a wrong answer by a ring and a cross: never by colour alone.
function drawPoint(surface, x, y, size, target, right) {
  const { context, theme } = surface;
  context.setLineDash([]);
  context.beginPath();
  if (target) context.rect(x - size * 0.9, y - size * 0.9, 1.8 * size, 1.8 * size);
  else context.arc(x, y, size, 0, 2 * Math.PI);
  context.fillStyle = css(target ? theme.positive : theme.negative);
  context.fill();
  context.strokeStyle = theme.halo;
  context.lineWidth = size * 0.75;
  context.stroke();
  context.strokeStyle = theme.text;
  context.lineWidth = size * 0.35;
  context.stroke();
  if (right) return;
  const ring = size * 2.1;
  context.beginPath();
  context.arc(x, y, ring, 0, 2 * Math.PI);
  context.strokeStyle = theme.halo;
  context.lineWidth = size * 0.9;
  context.stroke();
  context.strokeStyle = theme.wrong;
  context.lineWidth = size * 0.5;
  context.stroke();
  // The cross sits on the ring, where it hides neither the point nor its shape.
  const [crossX, crossY] = [x + ring * 0.8, y + ring * 0.8];
  const reach = size * 0.55;
  context.beginPath();
  context.arc(crossX, crossY, size * 1.1, 0, 2 * Math.PI);
  context.fillStyle = theme.wrong;
  context.fill();
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(crossX - reach, crossY - side * reach);
    context.lineTo(crossX + reach, crossY + side * reach);
  }
  context.strokeStyle = theme.dark ? "#000" : "#fff";
  context.lineWidth = size * 0.42;
  context.stroke();
}

function drawScale(surface, panel, x, y, width) {
  const { context, theme, unit } = surface;
  const gradient = context.createLinearGradient(x, 0, x + width, 0);
  gradient.addColorStop(0, css(theme.negative));
  gradient.addColorStop(0.5, css(theme.neutral));
  gradient.addColorStop(1, css(theme.positive));
  const height = unit * 0.6;
  context.fillStyle = gradient;
  context.fillRect(x, y, width, height);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(x, y, width, height);
  context.strokeStyle = theme.text;
  context.lineWidth = unit * 0.17;
  context.beginPath();
  context.moveTo(x + width / 2, y - 2);
  context.lineTo(x + width / 2, y + height + 2);
  context.stroke();
  surface.setFont(0.75);
  const { threshold, reach } = panel;
  const below = y + height + unit * 0.6;
  const text = (value) => `${+value.toFixed(2)}`.replace("-", "−");
  surface.label(text(threshold - reach), x, below, { align: "left", color: theme.faint });
  surface.label(text(threshold), x + width / 2, below, { color: theme.faint });
  surface.label(text(threshold + reach), x + width, below, { align: "right", color: theme.faint });
}

// Marching squares: the line where the field crosses `level`, each cell crossed on its own.
function contour(values, start, columns, rows, level, x, y, side) {
  const path = new Path2D();
  const stepX = side / (columns - 1);
  const stepY = side / (rows - 1);
  const bottom = y + side;
  const crossing = (a, b) => (level - a) / (b - a);
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const at = start + row * columns + column;
      const a = values[at];
      const b = values[at + 1];
      const c = values[at + columns + 1];
      const d = values[at + columns];
      const kind = (a >= level) | ((b >= level) << 1) | ((c >= level) << 2) | ((d >= level) << 3);
      if (kind === 0 || kind === 15) continue;
      const px = x + column * stepX;
      const py = bottom - row * stepY;
      const south = () => [px + crossing(a, b) * stepX, py];
      const east = () => [px + stepX, py - crossing(b, c) * stepY];
      const north = () => [px + crossing(d, c) * stepX, py - stepY];
      const west = () => [px, py - crossing(a, d) * stepY];
      const line = (from, to) => {
        path.moveTo(...from());
        path.lineTo(...to());
      };
      const centreHigh = (a + b + c + d) / 4 >= level;
      if (kind === 1 || kind === 14) line(west, south);
      else if (kind === 2 || kind === 13) line(south, east);
      else if (kind === 4 || kind === 11) line(east, north);
      else if (kind === 8 || kind === 7) line(north, west);
      else if (kind === 3 || kind === 12) line(west, east);
      else if (kind === 6 || kind === 9) line(south, north);
      else if ((kind === 5) === centreHigh) {
        line(west, north);
        line(south, east);
      } else {
        line(west, south);
        line(east, north);
      }
    }
  }
  return path;
}

function describeBoundary(panel) {
  const right = panel.arrays.right.values.reduce((sum, value) => sum + value, 0);
  const total = panel.arrays.right.values.length;
  return (
    `${panel.title}. ${right} of ${total} points lie on their side of ` +
    `the threshold ${panel.threshold}. Circles have target 0, squares target 1.`
  );
}
