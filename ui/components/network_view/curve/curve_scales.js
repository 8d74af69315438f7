// The axes of the curves: from where to where they go, and their ticks.

import { withMinus } from "../../common/number_text.js";
import { niceStep } from "../../common/scales.js";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * From where to where the axes go.
 *
 * @param {{log: boolean, y_range: ?number[]}} panel
 * @param {{steps, low, high}[]} lines arrays of the same length: steps, lowest and highest values
 * @returns {{low: number, high: number, lastStep: number}}
 */
export function domainOf(panel, lines) {
  const { low, high, lastStep } = extentOf(panel, lines);
  if (panel.y_range) return { low: panel.y_range[0], high: panel.y_range[1], lastStep };
  if (!Number.isFinite(low) || high < low) {
    return panel.log ? { low: 0.001, high: 1, lastStep } : { low: 0, high: 1, lastStep };
  }
  if (panel.log) {
    // Half decades, so that the axis stands still most of the time.
    return {
      low: 10 ** (Math.floor(Math.log10(low) * 2 - 1e-9) / 2),
      high: 10 ** (Math.ceil(Math.log10(high) * 2 + 1e-9) / 2),
      lastStep,
    };
  }
  const lowest = Math.min(0, low);
  const step = niceStep(high - lowest || 1, 4);
  const roundLow = Math.floor(lowest / step) * step;
  return { low: roundLow, high: Math.max(roundLow + step, Math.ceil(high / step) * step), lastStep };
}

// The lowest and highest finite values; on a log scale, of the positive ones.
function extentOf(panel, lines) {
  let [low, high, lastStep] = [Infinity, -Infinity, 1];
  for (const { steps, low: lows, high: highs } of lines) {
    for (let i = 0; i < steps.length; i++) {
      if (steps[i] > lastStep) lastStep = steps[i];
      if (lows[i] < low && (!panel.log || lows[i] > 0)) low = lows[i];
      if (highs[i] > high && Number.isFinite(highs[i])) high = highs[i];
    }
  }
  return { low, high, lastStep };
}

/** The share of an axis, from its foot (0) to its top (1), at which a value stands. */
export function shareOnAxis(value, { low, high }, isLog) {
  if (!isLog) return (value - low) / (high - low);
  return (
    (Math.log10(Math.max(value, low)) - Math.log10(low)) / (Math.log10(high) - Math.log10(low))
  );
}

/** Ticks of the value axis; `rows` is its height in lines of text. */
export function valueTicks({ low, high }, isLog, rows) {
  const ticks = isLog ? powerTicks(low, high, rows / 2) : evenTicks(low, high, rows / 2.2);
  return ticks.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
}

function evenTicks(low, high, most) {
  const step = niceStep(high - low, Math.floor(most));
  const ticks = [];
  for (let tick = low; tick <= high + step / 1e6; tick += step) ticks.push(tick);
  return ticks;
}

// Powers of ten; where there is only one, its multiples too.
function powerTicks(low, high, most) {
  const first = Math.ceil(Math.log10(low) - 1e-6);
  const last = Math.floor(Math.log10(high) + 1e-6);
  const every = Math.ceil((last - first + 1) / most);
  const ticks = [];
  for (let power = first; power <= last; power += every) ticks.push(10 ** power);
  if (ticks.length >= 2) return ticks;
  for (let power = first - 1; power <= last; power++) {
    for (const factor of [2, 5]) ticks.push(factor * 10 ** power);
  }
  return ticks;
}

/** Ticks of the step axis, whole numbers from 0 to `lastStep`. */
export function stepTicks(lastStep, most) {
  let every = Math.max(1, niceStep(lastStep, most)); // there are no half steps
  if (every > lastStep) every = Math.max(1, niceStep(lastStep, most + 1)); // else 0 stands alone
  const ticks = [];
  for (let tick = 0; tick <= lastStep; tick += every) ticks.push(tick);
  return ticks;
}

/** A tick's text; on a log scale, far powers of ten as 10⁻⁵. */
export function tickText(value, isLog) {
  const power = Math.log10(Math.abs(value));
  if (isLog && Math.abs(power - Math.round(power)) < 1e-6 && Math.abs(power) > 3.5) {
    const digits = [...String(Math.abs(Math.round(power)))].map((digit) => SUPERSCRIPTS[digit]);
    return `10${power < 0 ? "⁻" : ""}${digits.join("")}`;
  }
  return withMinus(+value.toPrecision(6));
}

/**
 * Moves labels apart, each at least `space` below the one before, and back up from `lowest`.
 *
 * @param {{y: number}[]} labels sorted by `y`, which is changed
 */
export function spread(labels, space, lowest) {
  labels.forEach((label, i) => {
    if (i > 0) label.y = Math.max(label.y, labels[i - 1].y + space);
  });
  for (let i = labels.length - 1; i >= 0; i--) {
    const limit = i === labels.length - 1 ? lowest : labels[i + 1].y - space;
    labels[i].y = Math.min(labels[i].y, limit);
  }
}
