// What a network panel holds: weights, biases, responses, and the names of units.
// Layer 0 is the inputs; the weights from layer n to layer n + 1 are `weight<n>`.

/** The weight of a link {layer, from, to}. */
export function weightOf(panel, { layer, from, to }) {
  const { values, shape } = panel.arrays[`weight${layer}`];
  return values[from * shape[1] + to];
}

/** The bias of a unit {layer, index}; null where it has none. */
export function biasOf(panel, { layer, index }) {
  const bias = layer > 0 ? panel.arrays[`bias${layer - 1}`] : null;
  return bias ? bias.values[index] : null;
}

/** What the units of a layer answer over the plane, as bytes; null where there is no plane. */
export function responseOf(panel, { layer }) {
  return panel.arrays[layer > 0 ? `response${layer - 1}` : "response_inputs"] ?? null;
}

/** What a unit is called in texts. */
export function unitName(panel, layer, index) {
  const last = panel.sizes.length - 1;
  if (layer === 0) return panel.input_names[index] ?? `input ${index + 1}`;
  if (layer === last) return `output ${panel.output_names[index]}`;
  return last > 2 ? `hidden ${layer}.${index + 1}` : `hidden ${index + 1}`;
}
