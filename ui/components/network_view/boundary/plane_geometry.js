// Geometry of the input square. A field holds samples row by row, the lowest row first; the first
// and last samples of a row lie on the edges of the square.

import { niceStep } from "../../common/scales.js";

/** Where a value lies from `low` (0) to `high` (1). */
export function shareOf({ low, high }, value) {
  return (value - low) / (high - low);
}

/** The value between four samples; `x` and `y` count samples, from 0. */
export function interpolate(values, start, columns, rows, x, y) {
  const column = Math.min(columns - 2, Math.max(0, Math.floor(x)));
  const row = Math.min(rows - 2, Math.max(0, Math.floor(y)));
  const shareX = x - column;
  const shareY = y - row;
  const at = start + row * columns + column;
  const low = values[at] + shareX * (values[at + 1] - values[at]);
  const high = values[at + columns] + shareX * (values[at + columns + 1] - values[at + columns]);
  return low + shareY * (high - low);
}

/** A function from the number of a pixel, of `side` x `side`, to the value of the field there. */
export function pixelInterpolator(values, start, columns, rows, side) {
  const scaleX = (columns - 1) / (side - 1);
  const scaleY = (rows - 1) / (side - 1);
  return (pixel) => {
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    return interpolate(values, start, columns, rows, x * scaleX, y * scaleY);
  };
}

/**
 * Marching squares: draws the line where a field crosses `level`, cell by cell, into `path`.
 *
 * @param {{moveTo: Function, lineTo: Function}} path such as a Path2D
 * @param {Function} valueAt from the number of a sample to its value
 * @param {{x: number, y: number, side: number}} square in CSS pixels; `y` is its upper edge
 */
export function traceContour(path, valueAt, columns, rows, level, { x, y, side }) {
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
      // A bit for each corner that is high: south-west, south-east, north-east, north-west.
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
      const isCentreHigh = (a + b + c + d) / 4 >= level;
      if (kind === 1 || kind === 14) line(west, south);
      else if (kind === 2 || kind === 13) line(south, east);
      else if (kind === 4 || kind === 11) line(east, north);
      else if (kind === 8 || kind === 7) line(north, west);
      else if (kind === 3 || kind === 12) line(west, east);
      else if (kind === 6 || kind === 9) line(south, north);
      else if ((kind === 5) === isCentreHigh) {
        line(west, north);
        line(south, east);
      } else {
        line(west, south);
        line(east, north);
      }
    }
  }
}

/** Where w1 x1 + w2 x2 + b = 0 crosses the square: two ends in shares of its side, or null. */
export function lineThroughSquare([w1, w2, b], low, high) {
  const ends = [];
  const add = (first, second) => {
    const isInside = (value) => value >= low - 1e-9 && value <= high + 1e-9;
    if (!isInside(first) || !isInside(second)) return;
    const end = [(first - low) / (high - low), (second - low) / (high - low)];
    if (ends.every((it) => Math.hypot(it[0] - end[0], it[1] - end[1]) > 1e-6)) ends.push(end);
  };
  for (const edge of [low, high]) {
    if (w2 !== 0) add(edge, -(w1 * edge + b) / w2);
    if (w1 !== 0) add(-(w2 * edge + b) / w1, edge);
  }
  return ends.length < 2 ? null : ends.slice(0, 2);
}

/** Ticks from low to high; a truth table has 0 and 1 only. */
export function ticksOf({ low, high }) {
  if (low === -0.25 && high === 1.25) return [0, 1];
  const step = niceStep(high - low, 6);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(+(i * step).toPrecision(12));
  }
  return ticks;
}
