import assert from "node:assert/strict";
import { test } from "node:test";

import { discretised } from "../../ui/components/network_view/boundary/ground.js";
import {
  interpolate, lineThroughSquare, pixelInterpolator, shareOf, ticksOf, traceContour,
} from "../../ui/components/network_view/boundary/plane_geometry.js";

const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

// A path that keeps the ends of its lines.
function recordedPath() {
  const ends = [];
  return { ends, moveTo: (x, y) => ends.push([x, y]), lineTo: (x, y) => ends.push([x, y]) };
}

// values of f at rows x columns samples of the unit square, the lowest row first
function field(f, columns, rows) {
  return Float64Array.from({ length: columns * rows }, (_, i) =>
    f((i % columns) / (columns - 1), Math.floor(i / columns) / (rows - 1)),
  );
}

test("between samples, a plane is met exactly, in the field and beyond its edge", () => {
  const values = field((x, y) => 2 * x - 3 * y + 1, 5, 4);
  near(interpolate(values, 0, 5, 4, 1.3, 2.7), 2 * (1.3 / 4) - 3 * (2.7 / 3) + 1);
  near(interpolate(values, 0, 5, 4, 4, 3), 0);
  near(interpolate(values, 0, 5, 4, -1, 0), 0.5);
});

test("pixels reach from edge to edge of the field", () => {
  const valueAt = pixelInterpolator(field((x, y) => x + 10 * y, 3, 3), 0, 3, 3, 11);
  near(valueAt(0), 0);
  near(valueAt(10), 1);
  near(valueAt(11 * 11 - 1), 11);
  near(valueAt(5 * 11 + 5), 5.5);
});

test("the contour of a plane is the straight line where it crosses the level", () => {
  const [columns, rows] = [9, 9];
  const values = field((x, y) => x + y, columns, rows);
  const path = recordedPath();
  traceContour(path, (i) => values[i], columns, rows, 0.8, { x: 100, y: 50, side: 200 });
  assert.ok(path.ends.length >= 2);
  for (const [px, py] of path.ends) near((px - 100) / 200 + (250 - py) / 200, 0.8);
  const across = path.ends.map(([px]) => px);
  near(Math.min(...across), 100);
  near(Math.max(...across), 100 + 0.8 * 200);
});

test("the contour of a circle is as long as the circle", () => {
  const values = field((x, y) => Math.hypot(x - 0.5, y - 0.5), 101, 101);
  const path = recordedPath();
  traceContour(path, (i) => values[i], 101, 101, 0.3, { x: 0, y: 0, side: 1 });
  let length = 0;
  for (let i = 0; i < path.ends.length; i += 2) {
    const [[x1, y1], [x2, y2]] = path.ends.slice(i, i + 2);
    length += Math.hypot(x2 - x1, y2 - y1);
  }
  assert.ok(Math.abs(length - 2 * Math.PI * 0.3) < 0.002);
});

test("a field on one side of the level has no contour", () => {
  const path = recordedPath();
  traceContour(path, () => 1, 4, 4, 0, { x: 0, y: 0, side: 1 });
  assert.deepEqual(path.ends, []);
});

test("a saddle is cut into two lines, on the side that its middle says", () => {
  for (const [corners, firstEnds] of [
    [[1, 0, 1, 0.2], "west north"],
    [[1, -3, 1, -3], "west south"],
  ]) {
    const [a, b, c, d] = corners;
    const path = recordedPath();
    traceContour(path, (i) => [a, b, d, c][i], 2, 2, 0.5, { x: 0, y: 0, side: 1 });
    assert.equal(path.ends.length, 4);
    const [[x1], [, y2]] = path.ends;
    assert.equal(x1, 0);
    assert.equal(y2, firstEnds === "west north" ? 0 : 1);
  }
});

test("the line of a unit crosses the square where its sum is 0", () => {
  assert.deepEqual(lineThroughSquare([1, 0, -0.5], 0, 1), [[0.5, 0], [0.5, 1]]);
  const ends = lineThroughSquare([2, -1, 0.25], -0.25, 1.25);
  assert.equal(ends.length, 2);
  for (const [a, b] of ends) {
    const [x1, x2] = [-0.25 + 1.5 * a, -0.25 + 1.5 * b];
    near(2 * x1 - x2 + 0.25, 0);
  }
  assert.equal(lineThroughSquare([1, 1, 9], 0, 1), null);
  assert.equal(lineThroughSquare([0, 0, 1], 0, 1), null);
});

test("the diagonal through two corners has two ends, not four", () => {
  assert.deepEqual(lineThroughSquare([1, -1, 0], 0, 1), [[0, 0], [1, 1]]);
});

test("a truth table has ticks at 0 and 1, any other square at round numbers", () => {
  assert.deepEqual(ticksOf({ low: -0.25, high: 1.25 }), [0, 1]);
  assert.deepEqual(ticksOf({ low: -6, high: 6 }), [-6, -4, -2, 0, 2, 4, 6]);
  assert.deepEqual(ticksOf({ low: -0.65, high: 0.65 }), [-0.5, 0, 0.5]);
});

test("a share counts from the low end", () => {
  assert.equal(shareOf({ low: -1, high: 3 }, 0), 0.25);
});

test("a discretised number has bands, any other answer two sides", () => {
  assert.equal(discretised(0.3, "number"), 0.25);
  assert.deepEqual([-0.01, 0, 0.9].map((share) => discretised(share, "binary")), [-0.75, 0.75, 0.75]);
  assert.ok(Number.isNaN(discretised(NaN, "number")));
});
