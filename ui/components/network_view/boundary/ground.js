// The ground of the input square: a field of numbers or of classes, and the lines where it changes.

import { MIDDLE, REGION_LEVELS, signedByte } from "../../common/colors.js";
import { strokeTwice } from "../../common/surface.js";
import { CHOICES } from "./display_choices.js";
import { lineThroughSquare, pixelInterpolator, traceContour } from "./plane_geometry.js";

const SHARP_PIXELS = 121; // along the side, where regions have sharp edges
const NUMBER_BANDS = 4; // of a discretised number, to each side of the middle

/** One square of a scene: pixels, and the lines where the answer changes. */
export function drawGround(surface, scene, bitmap, square) {
  if (scene.kind === "classes") {
    drawRegions(surface, scene, bitmap, square);
    return;
  }
  const { context, theme, unit } = surface;
  const { values, shape } = scene.field;
  const [, rows, columns] = shape;
  const start = square.number * rows * columns;
  const { threshold, reach } = scene;
  if (CHOICES.discrete) {
    const valueAt = pixelInterpolator(values, start, columns, rows, SHARP_PIXELS);
    bitmap.fill(SHARP_PIXELS, SHARP_PIXELS, true, (pixel) =>
      theme.diverging[signedByte(discretised((valueAt(pixel) - threshold) / reach, scene.kind))],
    );
  } else {
    bitmap.fill(columns, rows, true, (i) =>
      theme.diverging[signedByte((values[start + i] - threshold) / reach)],
    );
  }
  bitmap.drawSamples(context, square.x, square.y, square.side, square.side);
  if (!scene.hasContour) return;
  const path = new Path2D();
  traceContour(path, (i) => values[start + i], columns, rows, threshold, square);
  strokeTwice(context, path, theme.halo, unit * 0.38, theme.text, unit * 0.17);
}

/** A signed share in bands: a number has several, any other answer has two. NaN stays NaN. */
export function discretised(share, kind) {
  if (Number.isNaN(share)) return NaN;
  if (kind === "number") return Math.round(share * NUMBER_BANDS) / NUMBER_BANDS;
  return share < 0 ? -0.75 : 0.75;
}

// Which class is chosen where, lighter where it is hardly preferred, and the lines between.
function drawRegions({ context, theme, unit }, scene, bitmap, square) {
  const { values, shape } = scene.field;
  const [count, rows, columns] = shape;
  const size = rows * columns;
  const valueAt = Array.from({ length: count }, (_, c) =>
    pixelInterpolator(values, c * size, columns, rows, SHARP_PIXELS),
  );
  const chance = 1 / count;
  bitmap.fill(SHARP_PIXELS, SHARP_PIXELS, true, (pixel) => {
    let [best, chosen] = [-Infinity, 0];
    for (let c = 0; c < count; c++) {
      const value = valueAt[c](pixel);
      if (value > best) [best, chosen] = [value, c];
    }
    if (!(best > -Infinity)) return theme.diverging[MIDDLE];
    const certainty = Math.min(1, Math.max(0, (best - chance) / (1 - chance)));
    const level = Math.round((CHOICES.discrete ? 0.75 : certainty) * REGION_LEVELS);
    return theme.regions[chosen % theme.regions.length][level];
  });
  bitmap.drawSamples(context, square.x, square.y, square.side, square.side);
  for (let c = 0; c < count; c++) {
    const leads = Float32Array.from({ length: size }, (_, i) => leadOf(values, count, size, c, i));
    const path = new Path2D();
    traceContour(path, (i) => leads[i], columns, rows, 0, square);
    context.strokeStyle = theme.text;
    context.lineWidth = unit * 0.1;
    context.stroke(path);
  }
}

// By how much a class is ahead of all others at a sample.
function leadOf(values, count, size, c, i) {
  let rival = -Infinity;
  for (let other = 0; other < count; other++) {
    if (other !== c) rival = Math.max(rival, values[other * size + i]);
  }
  return values[c * size + i] - rival;
}

/** The lines where the weighted sum of each unit in the first hidden layer is 0. */
export function drawUnitLines(surface, scene, { x, y, side }) {
  const { context, theme, unit } = surface;
  const { values, shape } = scene.lines;
  context.setLineDash([unit * 0.5, unit * 0.35]);
  surface.setFont(0.72, 600);
  const labels = [];
  for (let i = 0; i < shape[0]; i++) {
    const ends = lineThroughSquare(values.subarray(3 * i, 3 * i + 3), scene.low, scene.high);
    if (!ends) continue;
    const [[x1, y1], [x2, y2]] = ends.map(([a, b]) => [x + a * side, y + (1 - b) * side]);
    const path = new Path2D();
    path.moveTo(x1, y1);
    path.lineTo(x2, y2);
    context.strokeStyle = theme.halo;
    context.lineWidth = unit * 0.22;
    context.stroke(path);
    context.strokeStyle = theme.faint;
    context.lineWidth = unit * 0.11;
    context.stroke(path);
    labels.push({ text: String(i + 1), x: x1 + (x2 - x1) * 0.06, y: y1 + (y2 - y1) * 0.06 });
  }
  context.setLineDash([]);
  for (const label of labels) surface.plate(label.text, label.x, label.y);
}
