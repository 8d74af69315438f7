// What the visitor has chosen to see in the input square, for every picture on the page.

const FEW_LINES = 4; // hidden units whose lines are drawn unless the visitor says otherwise

/** `lines` is null until the visitor has chosen. */
export const CHOICES = { test: true, discrete: false, lines: null };

/** Whether the lines of the first hidden layer's units are drawn. */
export function showsLines(panel) {
  return CHOICES.lines ?? (panel.arrays.lines?.shape[0] ?? 0) <= FEW_LINES;
}
