// Where a long line of a program may break.

const LONG = 24; // characters, nearly the width of a narrow column

/**
 * Whether a line may break before a place in it. Lines break at spaces; what is long and has none may
 * break before a dot and after a bracket too, never in a name.
 */
export function breaksBefore(text, at) {
  if (text[at] !== "." && !(/[([{]/.test(text[at - 1]) && !/[)\]}]/.test(text[at]))) return false;
  const [start, end] = [text.lastIndexOf(" ", at), text.indexOf(" ", at)];
  return (end < 0 ? text.length : end) - start > LONG;
}
