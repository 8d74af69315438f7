// The network as text: every weight and bias to the last digit, for screen readers, for copying,
// and for whoever wants to check the picture by hand.

import { make, setText } from "../../common/elements.js";
import { exact } from "../../common/number_text.js";
import { unitName } from "./network_values.js";

const MOST_NUMBERS = 2000; // nobody reads more

export class NetworkTables {
  constructor(box) {
    this.box = box;
    this.structure = "";
    this.cells = [];
  }

  draw(panel) {
    const structure = JSON.stringify([
      panel.sizes, panel.drawn, panel.input_names, panel.output_names, panel.activations,
      panel.sizes.slice(1).map((_, i) => Boolean(panel.arrays[`bias${i}`])),
    ]);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(panel);
    }
    for (const { cell, array, at } of this.cells) {
      const value = panel.arrays[array].values[at];
      const text = String(value);
      if (cell.dataset.value === text) continue;
      cell.dataset.value = text;
      setText(cell, exact(value));
    }
  }

  build(panel) {
    this.cells = [];
    const { sizes, drawn } = panel;
    const parts = [
      paragraph(
        `Network ${sizes.join("-")}: each unit adds its bias to its inputs times their weights, ` +
          "and applies its activation to the sum.",
      ),
    ];
    let left = MOST_NUMBERS;
    for (let layer = 0; layer + 1 < sizes.length; layer++) {
      const [from, to] = [drawn[layer], drawn[layer + 1]];
      left -= (from + 1) * to;
      if (from === 0 || left < 0) {
        const count = sizes[layer] * sizes[layer + 1];
        const name = layerName(panel, layer + 1);
        parts.push(paragraph(`${name}: ${count} weights, too many to read here.`));
        continue;
      }
      parts.push(this.table(panel, layer, from, to));
      const isCut = from < sizes[layer] || to < sizes[layer + 1];
      if (isCut) parts.push(paragraph("These are the first units of larger layers."));
    }
    this.box.replaceChildren(...parts);
  }

  table(panel, layer, from, to) {
    const table = make("table", "reading-table");
    table.createCaption().textContent = layerName(panel, layer + 1);
    const head = table.createTHead().insertRow();
    const targets = Array.from({ length: to }, (_, i) => `to ${unitName(panel, layer + 1, i)}`);
    for (const text of ["from", ...targets]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    const body = table.createTBody();
    const addRow = (name, source, array, offset) => {
      const row = body.insertRow();
      const heading = make("th", "", name);
      heading.scope = "row";
      row.append(heading);
      for (let target = 0; target < to; target++) {
        const cell = row.insertCell();
        Object.assign(cell.dataset, { layer, source, target });
        this.cells.push({ cell, array, at: offset + target });
      }
    };
    for (let source = 0; source < from; source++) {
      addRow(unitName(panel, layer, source), source, `weight${layer}`, source * to);
    }
    if (panel.arrays[`bias${layer}`]) addRow("bias", "bias", `bias${layer}`, 0);
    return make("div", "scroll", table);
  }
}

function paragraph(text) {
  return make("p", "", text);
}

function layerName(panel, layer) {
  const last = panel.sizes.length - 1;
  const activation = panel.activations[layer - 1];
  if (layer === last) return `Weights and biases of the output (${activation})`;
  return `Weights and biases of hidden layer ${layer} (${activation})`;
}
