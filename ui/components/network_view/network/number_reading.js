// Reads a number that somebody typed.

const LARGEST = 1e6;

/** {value}: the number that a text stands for; or {problem}: the sentence that says why not. */
export function readNumber(text) {
  const plainText = text.trim().replaceAll("−", "-").replace(",", ".");
  if (plainText === "") return { problem: "Type a number, such as −0.5." };
  const value = Number(plainText);
  if (Number.isNaN(value)) return { problem: `“${text.trim()}” is no number. Type one such as −0.5.` };
  if (Math.abs(value) > LARGEST) {
    return { problem: "Type a number from −1,000,000 to 1,000,000: larger ones overflow." };
  }
  return { value };
}
