// Parts of the diagram: biases, symbols of activations, the block of inputs, lines below captions.

import { css } from "../../common/colors.js";
import { fixed } from "../../common/number_text.js";

/**
 * Draws the bias below its unit; where there is no room, a small plus or minus at its corner.
 *
 * @returns {object} the box it takes: its middle `x` and `y`, `halfWidth` and `halfHeight`
 */
export function drawBias(surface, node, bias) {
  return node.biasSize > 0 ? printBias(surface, node, bias) : drawSign(surface, node, bias);
}

function printBias(surface, { x, y, half, isTight, biasSize }, bias) {
  const text = `b ${fixed(bias)}`;
  const textY = y + half + (isTight ? 1 : biasSize * surface.unit * 0.72 + 2);
  surface.setFont(biasSize);
  surface.plate(text, x, textY);
  const halfWidth = surface.context.measureText(text).width / 2 + 2;
  return { x, y: textY, halfWidth, halfHeight: biasSize * surface.unit * 0.6 };
}

function drawSign({ context, theme }, node, bias) {
  const size = Math.min(6, Math.max(4, node.half * 0.5));
  const [x, y] = [node.x - node.half, node.y + node.half - size];
  context.fillStyle = Number.isFinite(bias)
    ? css(bias < 0 ? theme.negative : theme.positive)
    : theme.wrong;
  context.strokeStyle = theme.background;
  context.lineWidth = 1;
  context.beginPath();
  context.rect(x - size, y - size, 2 * size, 2 * size);
  context.fill();
  context.stroke();
  context.beginPath();
  context.moveTo(x - size * 0.6, y);
  context.lineTo(x + size * 0.6, y);
  if (bias >= 0) {
    context.moveTo(x, y - size * 0.6);
    context.lineTo(x, y + size * 0.6);
  }
  context.strokeStyle = theme.dark ? "#000" : "#fff";
  context.lineWidth = 1.6;
  context.stroke();
  return { x, y, halfWidth: size, halfHeight: size };
}

/** A line over the columns that a caption is for. */
export function drawSpan({ context, theme, unit }, { from, to, y }) {
  const [line, foot] = [y + unit * 0.65, y + unit * 0.9];
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from, foot);
  context.lineTo(from, line);
  context.lineTo(to, line);
  context.lineTo(to, foot);
  context.stroke();
}

// What an activation does, as a curve from −1 to 1 both ways, upwards positive.
const SYMBOL_CURVES = {
  sigmoid: [[-1, -0.8], [-0.5, -0.7], [-0.2, -0.35], [0.2, 0.35], [0.5, 0.7], [1, 0.8]],
  tanh: [[-1, -0.9], [-0.3, -0.8], [0.3, 0.8], [1, 0.9]],
  ReLU: [[-1, -0.5], [0, -0.5], [1, 0.8]],
  "leaky ReLU": [[-1, -0.75], [0, -0.4], [1, 0.8]],
  identity: [[-0.8, -0.8], [0.8, 0.8]],
  step: [[-1, -0.7], [0, -0.7], [0, 0.7], [1, 0.7]],
};

/** The curve of an activation, inside its unit. */
export function drawSymbol(context, activation, x, y, reach) {
  context.beginPath();
  if (activation === "softmax") {
    for (const [at, height] of [[-0.7, 0.5], [0, 1.6], [0.7, 0.9]]) {
      context.moveTo(x + at * reach, y + 0.8 * reach);
      context.lineTo(x + at * reach, y + (0.8 - height) * reach);
    }
  }
  for (const [at, value] of SYMBOL_CURVES[activation] ?? []) {
    context.lineTo(x + at * reach, y - value * reach);
  }
  context.lineJoin = "round";
  context.stroke();
}

/** Inputs that are too many to draw: one block, with a fan to each unit that says "all of them". */
export function drawBlock(surface, panel, block) {
  const { context, theme, unit } = surface;
  const { x, top, bottom, half } = block;
  const shape = panel.image_shape;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  for (const target of block.targets) {
    for (const y of [top, bottom]) {
      context.beginPath();
      context.moveTo(x + half, y);
      context.lineTo(target.x - target.half, target.y);
      context.stroke();
    }
  }
  context.beginPath();
  context.roundRect(x - half, top, 2 * half, bottom - top, unit * 0.5);
  context.fillStyle = css(theme.neutral);
  context.fill();
  context.strokeStyle = theme.text;
  context.lineWidth = Math.max(1.25, unit * 0.1);
  context.stroke();
  context.save();
  context.translate(x, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  surface.setFont(0.9, 600);
  const text = shape ? `${shape[0]} × ${shape[1]} pixels` : `${panel.sizes[0]} inputs`;
  surface.label(text, 0, 0);
  context.restore();
}
