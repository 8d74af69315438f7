// Round distances between the ticks of an axis.

/** 1, 2 or 5 times a power of ten: the smallest step that cuts `span` into at most `most` parts. */
export function niceStep(span, most) {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
}
