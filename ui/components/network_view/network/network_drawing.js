// The diagram: a column of units for each layer, links between them.

import { bitmapFor } from "../../common/bitmap.js";
import { css } from "../../common/colors.js";
import { fixed } from "../../common/number_text.js";
import { linkWidth } from "./link_geometry.js";
import { layOutNetwork } from "./network_layout.js";
import { NetworkSelection } from "./network_selection.js";
import { biasOf, responseOf, weightOf } from "./network_values.js";
import { drawBias, drawBlock, drawSpan, drawSymbol } from "./unit_parts.js";

export class NetworkDrawing {
  constructor() {
    this.bitmaps = [];
    this.layoutKey = "";
    this.layout = null;
    this.selection = new NetworkSelection();
  }

  draw(surface, panel) {
    this.updateLayout(surface, panel);
    const { nodes, links, captions, more, block, printed } = this.layout;
    for (const link of links) this.drawLink(surface, panel, link);
    surface.context.setLineDash([]);
    if (block) drawBlock(surface, panel, block);
    if (printed) for (const link of links) drawWeight(surface, panel, link);
    for (const node of nodes) this.drawNode(surface, panel, node);
    surface.setFont(0.78);
    for (const note of [...captions, ...more]) {
      surface.label(note.text, note.x, note.y, { color: surface.theme.faint });
      if (note.from !== undefined) drawSpan(surface, note);
    }
    this.drawSelection(surface, panel);
  }

  updateLayout(surface, panel) {
    const key = [
      panel.sizes, panel.drawn, panel.activations, panel.input_names, panel.output_names,
      panel.image_shape, panel.response_scales.length, panel.input_scales.length,
      surface.width, surface.height, surface.unit, surface.theme.font,
    ].join("|");
    if (key === this.layoutKey) return;
    this.layoutKey = key;
    this.layout = this.selection.layout = layOutNetwork(surface, panel);
  }

  drawLink({ context, theme, unit }, panel, link) {
    const weight = weightOf(panel, link);
    const isBroken = !Number.isFinite(weight);
    const strength = isBroken ? 1 : 1 - Math.exp(-Math.abs(weight) / 3);
    const width = isBroken ? 2 : linkWidth(weight, unit) * this.layout.thinning;
    context.lineWidth = width;
    context.strokeStyle = isBroken
      ? theme.wrong
      : css(weight < 0 ? theme.negative : theme.positive, 0.25 + 0.75 * strength);
    context.setLineDash(isBroken ? [1, 4] : weight < 0 ? [2.5 + 2 * width, 2.5 + width] : []);
    context.beginPath();
    context.moveTo(link.x1, link.y1);
    context.lineTo(link.x2, link.y2);
    context.stroke();
  }

  drawNode(surface, panel, node) {
    const { context, theme, unit } = surface;
    const { x, y, half, layer } = node;
    const response = responseOf(panel, node);
    const corner = response ? Math.min(half * 0.35, unit * 0.5) : half;
    context.setLineDash([]);
    context.beginPath();
    context.roundRect(x - half, y - half, 2 * half, 2 * half, corner);
    if (response) {
      this.drawResponse(surface, node, response);
    } else {
      context.fillStyle = css(theme.neutral);
      context.fill();
    }
    context.lineWidth = Math.max(1.25, Math.min(unit * 0.1, half * 0.2));
    context.strokeStyle = theme.text;
    context.stroke();
    if (!response && layer > 0 && half > unit * 0.4) {
      drawSymbol(context, panel.activations[layer - 1], x, y, half * 0.55);
    }
    if (node.name) {
      surface.setFont(node.nameSize, 600);
      surface.label(node.name, node.nameX, node.nameY, { align: node.nameAlign });
    }
    const bias = biasOf(panel, node);
    if (bias !== null) node.biasBox = drawBias(surface, node, bias);
  }

  // Inside the path that stands: what the unit answers over the plane.
  drawResponse({ context, theme }, { x, y, half, layer, index }, response) {
    const [, rows, columns] = response.shape;
    const bitmap = bitmapFor(this.bitmaps, `${layer},${index}`);
    const start = index * rows * columns;
    bitmap.fill(columns, rows, true, (i) => theme.diverging[response.values[start + i]]);
    context.save();
    context.clip();
    bitmap.drawSamples(context, x - half, y - half, 2 * half, 2 * half);
    context.restore();
  }

  // Outlines what the tooltip is about, and the pinned unit.
  drawSelection(surface, panel) {
    const { context, theme, unit } = surface;
    const { pinned } = this.selection;
    const pinnedNode = pinned && this.selection.nodeAt(pinned.layer, pinned.index);
    context.setLineDash([]);
    if (pinnedNode) {
      context.strokeStyle = theme.right;
      outlineNode(context, pinnedNode, 4);
    }
    const found = this.selection.selected();
    if (!found) return;
    context.strokeStyle = theme.text;
    if (found.node) {
      outlineNode(context, found.node, 3);
    } else if (found.bias) {
      outlineBias(context, found.bias.biasBox);
    } else {
      const { x1, y1, x2, y2 } = found.link;
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.lineWidth = linkWidth(weightOf(panel, found.link), unit) + 3;
      context.stroke();
      this.drawLink(surface, panel, found.link);
      context.setLineDash([]);
      if (this.layout.printed) drawWeight(surface, panel, found.link);
    }
  }
}

function drawWeight(surface, panel, link) {
  surface.setFont(0.8, 600);
  surface.plate(fixed(weightOf(panel, link)), link.labelX, link.labelY);
}

function outlineNode(context, { x, y, half }, width) {
  const reach = half + width;
  context.lineWidth = width;
  context.beginPath();
  context.roundRect(x - reach, y - reach, 2 * reach, 2 * reach, half * 0.4);
  context.stroke();
}

function outlineBias(context, { x, y, halfWidth, halfHeight }) {
  context.lineWidth = 2;
  context.beginPath();
  context.roundRect(x - halfWidth - 2, y - halfHeight - 2, 2 * halfWidth + 4, 2 * halfHeight + 4, 4);
  context.stroke();
}
