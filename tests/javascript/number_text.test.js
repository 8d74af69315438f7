import assert from "node:assert/strict";
import { test } from "node:test";

import {
  compact, exact, fixed, rounded, short, withMinus,
} from "../../ui/components/common/number_text.js";

test("a fixed number has two decimals, one from 100 on, and an exponent from 100,000 on", () => {
  assert.equal(fixed(1.239), "1.24");
  assert.equal(fixed(123.46), "123.5");
  assert.equal(fixed(123456), "1.2e+5");
  assert.equal(fixed(0.12344, 4), "0.1234");
});

test("a negative number has a true minus sign, and nothing is minus zero", () => {
  assert.equal(fixed(-0.5), "−0.50");
  assert.equal(fixed(-0.001), "0.00");
  assert.equal(fixed(-250000), "−2.5e+5");
  assert.equal(withMinus(-1e-7), "−1e−7");
});

test("what is not finite has a word or a sign", () => {
  for (const value of [NaN, null, undefined]) {
    assert.equal(fixed(value), "not a number");
    assert.equal(exact(value), "not a number");
    assert.equal(short(value), "not a number");
  }
  assert.equal(fixed(Infinity), "∞");
  assert.equal(exact(-Infinity), "−∞");
});

test("an infinite number that comes as a text, from the head of a frame, stays as it is", () => {
  assert.equal(fixed("∞", 4), "∞");
  assert.equal(short("−∞"), "−∞");
});

test("nine digits bring every float32 back", () => {
  let bits = 1;
  for (let i = 0; i < 500; i++) {
    bits = (bits * 1664525 + 1013904223) >>> 0;
    const [value] = new Float32Array(new Uint32Array([bits]).buffer);
    if (!Number.isFinite(value)) continue;
    assert.equal(Math.fround(Number(exact(value).replaceAll("−", "-"))), value);
  }
});

test("a short number has three digits wherever it lies", () => {
  const expected = [
    [0, "0"], [0.00051, "5.1e−4"], [0.25, "0.250"], [12.345, "12.3"], [-999.6, "−1000"],
    [1e9, "1.0e+9"],
  ];
  for (const [value, text] of expected) assert.equal(short(value), text);
});

test("counts on an axis are short", () => {
  assert.deepEqual([5, 9999, 15000, 2500000].map(compact), ["5", "10000", "15k", "2.5M"]);
});

test("a rounded number has no zeros at its end", () => {
  assert.equal(rounded(0.5, 3), "0.5");
  assert.equal(rounded(-1 / 3, 3), "−0.333");
});
