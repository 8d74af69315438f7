// The captions above the columns of the diagram.

/**
 * A caption above each column; where they would touch, shorter ones, and at last one for all hidden
 * layers together, which have the same activation.
 */
export function captionsOf(surface, panel, xOf) {
  const { context, unit, width } = surface;
  const last = panel.sizes.length - 1;
  const inputs = panel.sizes[0] === 1 ? "input" : "inputs";
  const hidden = panel.activations[0];
  const output = panel.activations[last - 1];
  const each = (inputText, placeOf) => [
    { text: inputText, x: xOf(0) },
    ...panel.activations.map((name, i) => ({ text: placeOf(i + 1) + name, x: xOf(i + 1) })),
  ];
  const together = (text, outputText) => [
    { text: inputs, x: xOf(0) },
    { text, x: (xOf(1) + xOf(last - 1)) / 2, from: xOf(1), to: xOf(last - 1) },
    { text: outputText, x: xOf(last) },
  ];
  const choices = [
    each(inputs, (layer) => (layer === last ? "output: " : "hidden: ")),
    each(inputs, () => ""),
  ];
  if (last > 2) {
    choices.push(
      together(`${last - 1} hidden layers: ${hidden}`, `output: ${output}`),
      together(`${last - 1} hidden layers: ${hidden}`, output),
      together(`${last - 1} × ${hidden}`, output),
    );
  }
  choices.push(each("", () => ""));
  surface.setFont(0.78);
  const gap = unit * 0.7;
  for (const captions of choices) {
    let end = -gap;
    let isClear = true;
    for (const caption of captions) {
      const half = context.measureText(caption.text).width / 2;
      caption.x = Math.min(width - half - 2, Math.max(half + 2, caption.x));
      caption.y = unit * 0.7;
      isClear &&= caption.x - half >= end + gap;
      end = caption.x + half;
    }
    if (isClear) return captions;
  }
  return choices.at(-1).slice(-1);
}
