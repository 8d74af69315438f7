import assert from "node:assert/strict";
import { test } from "node:test";

import { distanceToLink, linkWidth } from "../../ui/components/network_view/network/link_geometry.js";
import {
  describeNetwork, describeTarget,
} from "../../ui/components/network_view/network/network_description.js";
import { layOutNetwork } from "../../ui/components/network_view/network/network_layout.js";
import { NetworkSelection } from "../../ui/components/network_view/network/network_selection.js";

// Letters are eight pixels wide here.
function surfaceOf(width, height, unit = 14) {
  return {
    width, height, unit, setFont() {},
    context: { measureText: (text) => ({ width: 8 * text.length }) },
  };
}

function panelOf(sizes, drawn = sizes) {
  const arrays = {};
  sizes.slice(1).forEach((size, layer) => {
    const count = sizes[layer] * size;
    const values = Float32Array.from({ length: count }, (_, i) => (i + 1) / 4);
    arrays[`weight${layer}`] = { values, shape: [sizes[layer], size] };
    arrays[`bias${layer}`] = { values: new Float32Array(size).fill(-0.5), shape: [size] };
  });
  return {
    sizes, drawn, arrays,
    activations: sizes.slice(1).map(() => "tanh"),
    input_names: Array.from({ length: sizes[0] }, (_, i) => `x${i + 1}`),
    output_names: Array.from({ length: sizes.at(-1) }, (_, i) => `y${i + 1}`),
    input_scales: [], response_scales: [],
  };
}

test("every unit and every link of a small network is drawn, inside the canvas", () => {
  const { nodes, links, more, printed } = layOutNetwork(surfaceOf(600, 400), panelOf([2, 3, 1]));
  assert.equal(nodes.length, 6);
  assert.equal(links.length, 2 * 3 + 3 * 1);
  assert.deepEqual(more, []);
  assert.ok(printed);
  for (const { x, y, half } of nodes) {
    assert.ok(x - half >= 0 && x + half <= 600 && y - half >= 0 && y + half <= 400);
  }
});

test("the number of a weight stands on its own link", () => {
  const { links } = layOutNetwork(surfaceOf(600, 400), panelOf([2, 3, 1]));
  for (const link of links) assert.ok(distanceToLink(link, link.labelX, link.labelY) < 1e-9);
});

test("units of one layer stand in a column, layers from left to right", () => {
  const { nodes } = layOutNetwork(surfaceOf(600, 400), panelOf([2, 4, 4, 1]));
  const places = [0, 1, 2, 3].map((layer) => nodes.filter((node) => node.layer === layer));
  for (const column of places) assert.equal(new Set(column.map(({ x }) => x)).size, 1);
  const across = places.map(([{ x }]) => x);
  assert.deepEqual(across, [...across].sort((a, b) => a - b));
});

test("a layer that is too large shows its first units and says how many it hides", () => {
  const { nodes, more, printed } = layOutNetwork(surfaceOf(600, 300), panelOf([2, 50, 1]));
  const shown = nodes.filter(({ layer }) => layer === 1).length;
  assert.ok(shown < 50);
  assert.deepEqual(more.map(({ text }) => text), [`+ ${50 - shown} more`]);
  assert.ok(!printed, "too many links for numbers");
});

test("inputs that are not drawn are one block, with a fan to each unit", () => {
  const { block, links } = layOutNetwork(surfaceOf(600, 400), panelOf([784, 5, 2], [0, 5, 2]));
  assert.equal(block.targets.length, 5);
  assert.equal(links.length, 5 * 2);
});

test("captions do not touch", () => {
  for (const width of [900, 500, 300]) {
    const { captions } = layOutNetwork(surfaceOf(width, 400), panelOf([2, 4, 4, 4, 1]));
    captions.forEach(({ x, text }, i) => {
      const next = captions[i + 1];
      if (next) assert.ok(x + 4 * text.length < next.x - 4 * next.text.length);
    });
  }
});

test("a link is wider for a larger weight of either sign, but never very wide", () => {
  const widths = [0, 0.5, -2, 8, 1000].map((weight) => linkWidth(weight, 10));
  for (let i = 1; i < widths.length; i++) assert.ok(widths[i] > widths[i - 1]);
  assert.ok(Math.abs(widths.at(-1) - 4.4) < 1e-9);
});

test("a point is as far from a link as from its nearest end, or from its middle", () => {
  const link = { x1: 0, y1: 0, x2: 10, y2: 0 };
  assert.equal(distanceToLink(link, 5, 3), 3);
  assert.equal(distanceToLink(link, 13, 4), 5);
});

test("the arrow keys go through a column with its biases, and along the links", () => {
  const panel = panelOf([2, 2, 1]);
  const selection = new NetworkSelection();
  selection.layout = layOutNetwork(surfaceOf(600, 400), panel);
  selection.hasFocus = true;
  const visited = ["ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowDown", "ArrowLeft"].map(
    (key) => {
      assert.ok(selection.moveCursor(key, panel));
      return describeTarget(panel, selection.selected());
    },
  );
  assert.deepEqual(visited, [
    "x1 → hidden 1: weight 0.25",
    "x1 → hidden 2: weight 0.5",
    "hidden 2 · tanh: bias −0.5",
    "hidden 2: bias −0.5",
    "hidden 2: bias −0.5",
    "x1 → hidden 2: weight 0.5",
  ]);
  assert.ok(!selection.moveCursor("a", panel));
});

test("the pointer finds units before links, and links near their line", () => {
  const panel = panelOf([2, 2, 1]);
  const selection = new NetworkSelection();
  const layout = (selection.layout = layOutNetwork(surfaceOf(600, 400), panel));
  const [node] = layout.nodes;
  assert.equal(selection.targetAt(node.x, node.y).node, node);
  const [link] = layout.links;
  assert.equal(selection.targetAt(link.labelX, link.labelY).link, link);
  assert.equal(selection.targetAt(599, 1), null);
});

test("Escape frees the pinned unit, then the cursor, then nothing", () => {
  const selection = new NetworkSelection();
  selection.cursor = { kind: "node", layer: 1, index: 0 };
  selection.togglePin({ layer: 1, index: 0 });
  assert.ok(selection.isPinned({ layer: 1, index: 0 }));
  assert.deepEqual([1, 2, 3].map(() => selection.escape()), [true, true, false]);
});

test("a network in words names each weight and bias, and breaks off after 24", () => {
  assert.equal(
    describeNetwork(panelOf([1, 1])),
    "Network 1-1. Weight x1 to output y1: 0.25. Bias of output y1: −0.50.",
  );
  const long = describeNetwork(panelOf([2, 20, 1]));
  assert.equal(long.match(/Weight|Bias/g).length, 24);
  assert.ok(long.endsWith("And so on."));
});
