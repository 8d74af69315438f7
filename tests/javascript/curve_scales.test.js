import assert from "node:assert/strict";
import { test } from "node:test";

import { niceStep } from "../../ui/components/common/scales.js";
import {
  domainOf, shareOnAxis, spread, stepTicks, tickText, valueTicks,
} from "../../ui/components/network_view/curve/curve_scales.js";

const LINEAR = { log: false, y_range: null };
const LOG = { log: true, y_range: null };
const line = (...values) => ({ steps: values.map((_, i) => 10 * i), low: values, high: values });

test("a step of an axis is 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([niceStep(10, 6), niceStep(1, 4), niceStep(0.03, 3)], [2, 0.5, 0.01]);
  for (const span of [0.0123, 4.4, 777]) {
    for (const most of [2, 5, 9]) assert.ok(span / niceStep(span, most) <= most * 1.001);
  }
});

test("a linear axis begins at 0 and ends at a round number", () => {
  assert.deepEqual(domainOf(LINEAR, [line(0.9, 0.1)]), { low: 0, high: 1, lastStep: 10 });
  assert.deepEqual(domainOf(LINEAR, [line(-0.3, 0.9)]), { low: -0.5, high: 1, lastStep: 10 });
});

test("a log axis goes in half decades, and leaves out what is 0", () => {
  const { low, high } = domainOf(LOG, [line(0.5, 0.02, 0)]);
  assert.ok(Math.abs(low - 0.01) < 1e-12);
  assert.ok(Math.abs(high - 1) < 1e-12);
});

test("without numbers, and with a given range, an axis stands all the same", () => {
  assert.deepEqual(domainOf(LINEAR, []), { low: 0, high: 1, lastStep: 1 });
  assert.deepEqual(domainOf(LOG, [line(NaN)]), { low: 0.001, high: 1, lastStep: 1 });
  assert.deepEqual(domainOf({ log: false, y_range: [0, 100] }, [line(3)]).high, 100);
});

test("an infinite loss does not stretch the axis", () => {
  assert.equal(domainOf(LINEAR, [line(0.75, Infinity)]).high, 0.8);
});

test("each decade of a log axis is as long as the next", () => {
  const domain = { low: 0.01, high: 100 };
  const shares = [0.01, 0.1, 1, 10, 100].map((value) => shareOnAxis(value, domain, true));
  shares.forEach((share, i) => assert.ok(Math.abs(share - i / 4) < 1e-12));
  assert.equal(shareOnAxis(25, { low: 0, high: 100 }, false), 0.25);
});

test("ticks are round numbers of the axis", () => {
  assert.deepEqual(valueTicks({ low: 0, high: 1 }, false, 11), [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]);
  assert.deepEqual(valueTicks({ low: 0.01, high: 1 }, true, 20), [0.01, 0.1, 1]);
  assert.deepEqual(valueTicks({ low: 0.03, high: 0.3 }, true, 20), [0.1, 0.05, 0.2]);
});

test("the step axis has whole steps, and never 0 alone", () => {
  assert.deepEqual(stepTicks(3000, 6), [0, 500, 1000, 1500, 2000, 2500, 3000]);
  assert.deepEqual(stepTicks(2, 9), [0, 1, 2]);
  for (const last of [1, 3, 7, 19, 101, 999]) assert.ok(stepTicks(last, 2).length > 1);
});

test("far powers of ten have a raised exponent", () => {
  assert.deepEqual(
    [1e-5, 1e5, 0.01, 0.5].map((value) => tickText(value, true)),
    ["10⁻⁵", "10⁵", "0.01", "0.5"],
  );
  assert.equal(tickText(-0.30000000000000004, false), "−0.3");
});

test("labels that would cover each other move apart, and stay above the foot", () => {
  const labels = [{ y: 10 }, { y: 12 }, { y: 95 }];
  spread(labels, 15, 90);
  assert.deepEqual(labels.map(({ y }) => y), [10, 25, 90]);
});
