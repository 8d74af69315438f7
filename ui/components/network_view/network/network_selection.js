// What pointer and keys are on in the network diagram, and the unit that is pinned.

import { distanceToLink } from "./link_geometry.js";
import { describeTarget } from "./network_description.js";
import { biasOf, responseOf } from "./network_values.js";

const LINK_RADIUS = 10; // pixels within which the pointer is on a link

/**
 * A target is {node}, {bias: its node} or {link}. The cursor is what the arrow keys have come to; it
 * is looked up in the layout each time, because a new layout has new nodes and links.
 */
export class NetworkSelection {
  constructor() {
    this.layout = null; // set by the drawing
    this.pointer = null; // {x, y} in CSS pixels
    this.cursor = null; // {kind: "node" or "bias", layer, index} or {kind: "link", ...}
    this.hasFocus = false;
    this.pinned = null; // {layer, index} of the unit whose picture stays large
  }

  nodeAt(layer, index) {
    return this.layout?.nodes.find((it) => it.layer === layer && it.index === index) ?? null;
  }

  /** The target under the pointer; without a pointer, under the cursor. */
  selected() {
    if (!this.layout) return null;
    if (this.pointer) return this.targetAt(this.pointer.x, this.pointer.y);
    return this.hasFocus ? this.underCursor() : null;
  }

  targetAt(x, y) {
    if (!this.layout) return null;
    const { nodes } = this.layout;
    const bias = nodes.find(({ biasBox: box }) =>
      box && Math.abs(box.x - x) <= box.halfWidth + 2 && Math.abs(box.y - y) <= box.halfHeight + 2,
    );
    if (bias) return { bias };
    const node = nodes.find(
      (it) => Math.abs(it.x - x) <= it.half + 3 && Math.abs(it.y - y) <= it.half + 3,
    );
    return node ? { node } : this.linkAt(x, y);
  }

  linkAt(x, y) {
    const { links, printed } = this.layout;
    let [nearest, least] = [null, LINK_RADIUS];
    for (const link of links) {
      const isOnNumber =
        printed && Math.abs(link.labelX - x) < 22 && Math.abs(link.labelY - y) < 9;
      const distance = isOnNumber ? 0 : distanceToLink(link, x, y);
      if (distance < least) [nearest, least] = [link, distance];
    }
    return nearest && { link: nearest };
  }

  underCursor() {
    const { cursor } = this;
    if (!cursor) return null;
    if (cursor.kind === "link") {
      const link = this.layout.links.find(
        (it) => it.layer === cursor.layer && it.from === cursor.from && it.to === cursor.to,
      );
      return link ? { link } : null;
    }
    const node = this.nodeAt(cursor.layer, cursor.index);
    return node && (cursor.kind === "bias" ? { bias: node } : { node });
  }

  /** Where the tooltip or the editor of a target belongs. */
  placeOf({ node, bias, link }) {
    if (node) return { x: node.x + node.half, y: node.y };
    if (bias) return { x: bias.biasBox?.x ?? bias.x, y: bias.biasBox?.y ?? bias.y };
    return {
      x: link.labelX ?? (link.x1 + link.x2) / 2, y: link.labelY ?? (link.y1 + link.y2) / 2,
    };
  }

  tooltipPlace() {
    if (this.pointer) return this.pointer;
    const found = this.layout && this.hasFocus && this.underCursor();
    return found ? this.placeOf(found) : null;
  }

  /** What the tooltip says, with the numbers of this moment. */
  tooltipText(panel) {
    const found = this.selected();
    return found ? describeTarget(panel, found) : "";
  }

  /** The unit whose answers are shown large: the one pointed at, or else the pinned one. */
  enlargedNode(panel) {
    const found = this.selected()?.node;
    const node = found ?? (this.pinned && this.nodeAt(this.pinned.layer, this.pinned.index));
    return node && responseOf(panel, node) ? node : null;
  }

  isPinned({ layer, index }) {
    return this.pinned?.layer === layer && this.pinned?.index === index;
  }

  togglePin({ layer, index }) {
    this.pinned = this.isPinned({ layer, index }) ? null : { layer, index };
  }

  /** Escape frees the pinned unit first, then the cursor. True where there was something to free. */
  escape() {
    const wasNeeded = Boolean(this.pinned || this.cursor);
    if (this.pinned) this.pinned = null;
    else this.cursor = null;
    return wasNeeded;
  }

  /** The keys start at the first unit there is. */
  startCursor() {
    if (!this.layout?.nodes.length || this.underCursor()) return;
    const [{ layer, index }] = this.layout.nodes;
    this.cursor = { kind: "node", layer, index };
  }

  /**
   * Left and right follow the links; up and down go through a column of units with their biases, or
   * through the links of the unit that the cursor came from. True where the key was an arrow.
   */
  moveCursor(key, panel) {
    if (!this.layout?.nodes.length || !/^Arrow(Left|Right|Up|Down)$/.test(key)) return false;
    this.pointer = null;
    this.startCursor();
    const found = this.underCursor();
    const isAcross = key === "ArrowLeft" || key === "ArrowRight";
    const step = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
    if (found.link) {
      this.cursor = isAcross ? endOf(found.link, step) : this.nextLink(found.link, step);
    } else {
      const node = found.node ?? found.bias;
      this.cursor = isAcross ? this.firstLinkOf(node, step) : this.nextInColumn(panel, node, step);
    }
    return true;
  }

  nextLink(link, step) {
    const { cameFrom } = this.cursor;
    const siblings = this.layout.links.filter(
      (it) =>
        it.layer === link.layer &&
        (cameFrom === "target" ? it.to === link.to : it.from === link.from),
    );
    const { layer, from, to } = neighbour(siblings, siblings.indexOf(link), step);
    return { kind: "link", layer, from, to, cameFrom };
  }

  firstLinkOf(node, step) {
    const next = this.layout.links.find(({ layer, from, to }) =>
      step > 0
        ? layer === node.layer && from === node.index
        : layer === node.layer - 1 && to === node.index,
    );
    if (!next) return this.cursor;
    const { layer, from, to } = next;
    return { kind: "link", layer, from, to, cameFrom: step > 0 ? "source" : "target" };
  }

  nextInColumn(panel, node, step) {
    const places = this.layout.nodes
      .filter((it) => it.layer === node.layer)
      .flatMap((it) => {
        const { layer, index } = it;
        const hasBias = biasOf(panel, it) !== null;
        return (hasBias ? ["node", "bias"] : ["node"]).map((kind) => ({ kind, layer, index }));
      });
    const at = places.findIndex(
      (it) => it.kind === this.cursor.kind && it.index === this.cursor.index,
    );
    return neighbour(places, at, step);
  }
}

function endOf({ layer, from, to }, step) {
  return step < 0
    ? { kind: "node", layer, index: from }
    : { kind: "node", layer: layer + 1, index: to };
}

// The one before or after; at an end, the end itself.
function neighbour(list, at, step) {
  return list[Math.min(list.length - 1, Math.max(0, at + step))];
}
