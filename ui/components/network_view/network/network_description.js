// The network in words: for tooltips, and for those who do not see the diagram.

import { exact, fixed } from "../../common/number_text.js";
import { biasOf, unitName, weightOf } from "./network_values.js";

const MOST_NUMBERS = 24;

/** A unit, a bias or a link with its number to the last digit. */
export function describeTarget(panel, target) {
  const { node, bias, link } = target;
  if (link) return `${nameOfTarget(panel, target)} ${exact(weightOf(panel, link))}`;
  if (bias) return `${nameOfTarget(panel, target)} ${exact(biasOf(panel, bias))}`;
  if (node.layer === 0) return nameOfTarget(panel, target);
  const value = biasOf(panel, node);
  const text = value === null ? "no bias" : `bias ${exact(value)}`;
  return `${nameOfTarget(panel, target)} · ${panel.activations[node.layer - 1]}: ${text}`;
}

/** A unit, a bias or a link without its number. */
export function nameOfTarget(panel, { node, bias, link }) {
  if (link) {
    const { layer, from, to } = link;
    return `${unitName(panel, layer, from)} → ${unitName(panel, layer + 1, to)}: weight`;
  }
  if (bias) return `${unitName(panel, bias.layer, bias.index)}: bias`;
  if (node.layer === 0) return `input ${panel.input_names[node.index]}`;
  return unitName(panel, node.layer, node.index);
}

/** The first weights and biases as sentences. */
export function describeNetwork(panel) {
  const numbers = [];
  for (let layer = 0; layer + 1 < panel.sizes.length; layer++) {
    if (numbers.length >= MOST_NUMBERS) break;
    numbers.push(...sentencesOfLayer(panel, layer));
  }
  const parts = [`Network ${panel.sizes.join("-")}.`, ...numbers.slice(0, MOST_NUMBERS)];
  if (numbers.length >= MOST_NUMBERS) parts.push("And so on.");
  return parts.join(" ");
}

function sentencesOfLayer(panel, layer) {
  const sentences = [];
  const [sources, targets] = panel.arrays[`weight${layer}`].shape;
  for (let from = 0; from < sources && sentences.length < MOST_NUMBERS; from++) {
    for (let to = 0; to < targets; to++) {
      const names = `${unitName(panel, layer, from)} to ${unitName(panel, layer + 1, to)}`;
      sentences.push(`Weight ${names}: ${fixed(weightOf(panel, { layer, from, to }))}.`);
    }
  }
  const biases = panel.arrays[`bias${layer}`]?.values ?? [];
  for (const [to, bias] of biases.entries()) {
    sentences.push(`Bias of ${unitName(panel, layer + 1, to)}: ${fixed(bias)}.`);
  }
  return sentences;
}
