// The answer in words and numbers.

/** A probability as a percentage; "< 0.1 %" for what would read as 0. */
export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  return share > 0 && share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)}\u00a0%`;
}

/** A contribution with its sign, to three significant digits. */
export function signedText(value) {
  if (!Number.isFinite(value)) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toPrecision(3)}`;
}

/** Both guesses, for those who do not see the bars. */
export function describeAnswer({ is_empty: isEmpty, names, ranking, probabilities }) {
  if (isEmpty) return "The square is empty.";
  const [first, second] = ranking;
  return (
    `First guess ${names[first]}, ${percent(probabilities[first])}; ` +
    `second ${names[second]}, ${percent(probabilities[second])}.`
  );
}
