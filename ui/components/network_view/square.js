// The ground of the input square: a field of numbers or of classes, its lines and its axes.

const SHARP_CELLS = 121; // pixels along the side where regions have sharp edges
const NUMBER_BANDS = 4; // of a discretised number, to each side of the middle

function shade(share) {
  if (Number.isNaN(share)) return MIDDLE;
  return Math.round(MIDDLE + MIDDLE * Math.min(1, Math.max(-1, share)));
}

// A function from a pixel's number to a value between the samples of a field.
function interpolator(values, start, columns, rows, side) {
  const scaleX = (columns - 1) / (side - 1);
  const scaleY = (rows - 1) / (side - 1);
  return (pixel) => {
    const x = (pixel % side) * scaleX;
    const y = Math.floor(pixel / side) * scaleY;
    const column = Math.min(columns - 2, Math.floor(x));
    const row = Math.min(rows - 2, Math.floor(y));
    const [shareX, shareY] = [x - column, y - row];
    const at = start + row * columns + column;
    const low = values[at] + shareX * (values[at + 1] - values[at]);
    const high = values[at + columns] + shareX * (values[at + columns + 1] - values[at + columns]);
    return low + shareY * (high - low);
  };
}

// One square of a scene: pixels, and the lines where the answer changes.
function drawGround(surface, scene, square, bitmap, x, y, side, isDiscrete) {
  const { context, theme, unit } = surface;
  if (scene.kind === "classes") {
    drawRegions(surface, scene, bitmap, x, y, side, isDiscrete);
    return;
  }
  const { values, shape } = scene.field;
  const [, rows, columns] = shape;
  const start = square * rows * columns;
  const { threshold, reach } = scene;
  if (isDiscrete) {
    const valueAt = interpolator(values, start, columns, rows, SHARP_CELLS);
    const bands = scene.kind === "number" ? NUMBER_BANDS : 0;
    bitmap.fill(SHARP_CELLS, SHARP_CELLS, true, (pixel) => {
      const share = (valueAt(pixel) - threshold) / reach;
      if (Number.isNaN(share)) return theme.diverging[MIDDLE];
      const step = bands ? Math.round(share * bands) / bands : share < 0 ? -0.75 : 0.75;
      return theme.diverging[shade(step)];
    });
    bitmap.drawSamples(context, x, y, side, side);
  } else {
    bitmap.fill(columns, rows, true, (i) =>
      theme.diverging[shade((values[start + i] - threshold) / reach)],
    );
    bitmap.drawSamples(context, x, y, side, side);
  }
  if (!scene.hasContour) return;
  const path = contour((i) => values[start + i], columns, rows, threshold, x, y, side);
  strokeTwice(context, path, theme.halo, unit * 0.38, theme.text, unit * 0.17);
}

// Which class is chosen where, lighter where it is hardly preferred, and the lines between.
function drawRegions(surface, scene, bitmap, x, y, side, isDiscrete) {
  const { context, theme, unit } = surface;
  const { values, shape } = scene.field;
  const [count, rows, columns] = shape;
  const size = rows * columns;
  const valueAt = Array.from({ length: count }, (_, c) =>
    interpolator(values, c * size, columns, rows, SHARP_CELLS),
  );
  const chance = 1 / count;
  bitmap.fill(SHARP_CELLS, SHARP_CELLS, true, (pixel) => {
    let [best, chosen] = [-Infinity, 0];
    for (let c = 0; c < count; c++) {
      const value = valueAt[c](pixel);
      if (value > best) [best, chosen] = [value, c];
    }
    if (!(best > -Infinity)) return theme.diverging[MIDDLE];
    const share = isDiscrete ? 0.75 : Math.min(1, Math.max(0, (best - chance) / (1 - chance)));
    return theme.regions[chosen % theme.regions.length][Math.round(share * REGION_LEVELS)];
  });
  bitmap.drawSamples(context, x, y, side, side);
  for (let c = 0; c < count; c++) {
    const lead = (i) => {
      let rival = -Infinity;
      for (let other = 0; other < count; other++) {
        if (other !== c) rival = Math.max(rival, values[other * size + i]);
      }
      return values[c * size + i] - rival;
    };
    const leads = Float32Array.from({ length: size }, (_, i) => lead(i));
    const path = contour((i) => leads[i], columns, rows, 0, x, y, side);
    context.strokeStyle = theme.text;
    context.lineWidth = unit * 0.1;
    context.stroke(path);
  }
}

function strokeTwice(context, path, under, wide, over, narrow) {
  context.lineJoin = context.lineCap = "round";
  context.strokeStyle = under;
  context.lineWidth = wide;
  context.stroke(path);
  context.strokeStyle = over;
  context.lineWidth = narrow;
  context.stroke(path);
  context.lineCap = "butt";
}

// Marching squares: the line where the field crosses `level`, each cell crossed on its own.
function contour(valueAt, columns, rows, level, x, y, side) {
  const path = new Path2D();
  const stepX = side / (columns - 1);
  const stepY = side / (rows - 1);
  const bottom = y + side;
  const crossing = (a, b) => (level - a) / (b - a);
  for (let row = 0; row < rows - 1; row++) {
    for (let column = 0; column < columns - 1; column++) {
      const at = row * columns + column;
      const a = valueAt(at);
      const b = valueAt(at + 1);
      const c = valueAt(at + columns + 1);
      const d = valueAt(at + columns);
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

// Where w1 x1 + w2 x2 + b = 0 crosses the square: two ends in shares of its side, or null.
function lineThroughSquare([w1, w2, b], low, high) {
  const ends = [];
  const add = (first, second) => {
    const inside = (value) => value >= low - 1e-9 && value <= high + 1e-9;
    if (!inside(first) || !inside(second)) return;
    const end = [(first - low) / (high - low), (second - low) / (high - low)];
    if (ends.every((it) => Math.hypot(it[0] - end[0], it[1] - end[1]) > 1e-6)) ends.push(end);
  };
  for (const edge of [low, high]) {
    if (w2 !== 0) add(edge, -(w1 * edge + b) / w2);
    if (w1 !== 0) add(-(w2 * edge + b) / w1, edge);
  }
  return ends.length < 2 ? null : ends.slice(0, 2);
}

// Ticks from low to high; a truth table has 0 and 1 only.
function ticksOf({ low, high }) {
  if (low === -0.25 && high === 1.25) return [0, 1];
  const step = niceStep(high - low, 6);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(+(i * step).toPrecision(12));
  }
  return ticks;
}

function drawAxes(surface, scene, x, y, side) {
  const { context, theme, unit } = surface;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(x, y, side, side);
  const place = (value) => ((value - scene.low) / (scene.high - scene.low)) * side;
  const ticks = ticksOf(scene);
  context.strokeStyle = theme.faint;
  context.beginPath();
  for (const tick of ticks) {
    const at = Math.round(place(tick)) + 0.5;
    context.moveTo(x + at, y + side);
    context.lineTo(x + at, y + side + 4);
    context.moveTo(x - 4, y + side - at);
    context.lineTo(x, y + side - at);
  }
  context.stroke();
  surface.setFont(0.75);
  for (const tick of ticks) {
    const text = `${tick}`.replace("-", "−");
    surface.label(text, x + place(tick), y + side + unit * 0.75, { color: theme.faint });
    surface.label(text, x - unit * 0.45, y + side - place(tick), {
      color: theme.faint, align: "right",
    });
  }
  surface.setFont(0.85, 600);
  surface.label(scene.names[0], x + side / 2, y + side + unit * (ticks.length > 2 ? 1.55 : 1.0));
  surface.label(scene.names[1], x - unit * (ticks.length > 2 ? 1.75 : 1.1), y + side / 2);
}

// What the colours stand for.
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
  const text = (value) => `${+value.toPrecision(3)}`.replace("-", "−");
  surface.label(text(threshold - reach), x, below, { align: "left", color: theme.faint });
  surface.label(text(threshold), x + width / 2, below, { color: theme.faint });
  surface.label(text(threshold + reach), x + width, below, { align: "right", color: theme.faint });
}

// The classes by colour and shape, as far as there is room.
function drawClassKey(surface, scene, x, y, width) {
  const { context, theme, unit } = surface;
  surface.setFont(0.8);
  let at = x;
  scene.classes.forEach((name, i) => {
    const needed = context.measureText(name).width + unit * 1.6;
    if (at + needed > x + width + unit) return;
    drawMark(surface, at + unit * 0.4, y + unit * 0.5, unit * 0.4, shapeOf(i), classColor(theme, i));
    surface.label(name, at + unit * 1.0, y + unit * 0.5, { align: "left" });
    at += needed;
  });
}
