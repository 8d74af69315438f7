import assert from "node:assert/strict";
import { test } from "node:test";

import {
  brightness, css, mix, pixelTable, REGION_LEVELS, regionTable, signedByte,
} from "../../ui/components/common/colors.js";

test("a mixed colour lies between two, at its share of the way", () => {
  assert.deepEqual(mix([0, 100, 200], [100, 0, 200], 0.25), [25, 75, 200]);
  assert.equal(css([1, 2, 3], 0.5), "rgba(1,2,3,0.5)");
});

test("green looks brighter than red, and red brighter than blue", () => {
  const [red, green, blue] = [[255, 0, 0], [0, 255, 0], [0, 0, 255]].map(brightness);
  assert.ok(green > red && red > blue);
  assert.ok(Math.abs(brightness([255, 255, 255]) - 255) < 1e-9);
});

test("a signed share is a byte from 0 to 254, and 127 is nothing", () => {
  assert.deepEqual([-1, -0.5, 0, 0.5, 1].map(signedByte), [0, 64, 127, 191, 254]);
  assert.deepEqual([-9, 9, NaN].map(signedByte), [0, 254, 127]);
});

test("a packed pixel holds red, green, blue and full opacity, in this order", () => {
  const table = pixelTable((i) => [i, 255 - i, 7]);
  assert.deepEqual([...new Uint8Array(table.buffer, 4 * 3, 4)], [3, 252, 7, 255]);
});

test("the ground of a class goes from nearly neutral towards its colour", () => {
  const table = regionTable([0, 0, 0], [100, 200, 50]);
  const bytes = new Uint8Array(table.buffer);
  assert.deepEqual([...bytes.slice(0, 4)], [12, 24, 6, 255]);
  assert.deepEqual([...bytes.slice(4 * REGION_LEVELS)], [70, 140, 35, 255]);
});
