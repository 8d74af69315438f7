// Numbers as texts. Negative ones have a true minus sign, as in the texts that Python writes.

/** A number's text with a minus sign in place of each hyphen. */
export function withMinus(text) {
  return String(text).replaceAll("-", "−");
}

/**
 * So many decimals; one fewer from 100 on, and an exponent from 100,000 on. In the head of a frame
 * null stands for NaN, and an infinite number is a text already.
 */
export function fixed(value, digits = 2) {
  if (typeof value === "string") return value;
  if (value === null || value === undefined || Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Math.abs(value) >= 10 ** 5) return value.toExponential(1).replace("-", "−");
  const decimals = Math.abs(value) >= 100 ? Math.max(0, digits - 1) : digits;
  const text = value.toFixed(decimals);
  return /^-0\.?0*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}

/** Nine significant digits, which tell every float32 from its neighbours. */
export function exact(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return fixed(value);
  return withMinus(+value.toPrecision(9));
}

/** Three significant digits, in the shortest form: for losses, from 1e-9 to 1e9. */
export function short(value) {
  if (!Number.isFinite(value)) return fixed(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 0.001 || size >= 10 ** 5) return withMinus(value.toExponential(1));
  return withMinus(size >= 100 ? value.toFixed(0) : value.toPrecision(3));
}

/** Counts on an axis: 15000 as 15k. */
export function compact(value) {
  if (value >= 1e6) return `${+(value / 1e6).toPrecision(3)}M`;
  if (value >= 1e4) return `${+(value / 1e3).toPrecision(3)}k`;
  return `${+value.toPrecision(3)}`;
}

/** At most so many significant digits, without zeros at the end: for ticks and scales. */
export function rounded(value, digits) {
  return withMinus(+value.toPrecision(digits));
}
