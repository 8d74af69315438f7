// The numbers above the picture, each with its name.

import { make, setText } from "../common/elements.js";

const FEW_TILES = 6;

export class Tiles {
  constructor() {
    this.root = make("dl", "tiles");
    this.structure = null;
    this.boxes = new Map();
  }

  paint(tiles) {
    const structure = tiles.map((tile) => tile.key).join("|");
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(tiles);
    }
    for (const tile of tiles) {
      const { box, label, value, unit } = this.boxes.get(tile.key);
      setText(label, tile.label);
      setText(value, tile.value);
      setText(unit, tile.unit ? ` ${tile.unit}` : "");
      unit.classList.toggle("brief", (tile.unit ?? "").length < 3);
      if (box.title !== (tile.help ?? "")) box.title = tile.help ?? "";
    }
  }

  build(tiles) {
    this.root.hidden = tiles.length === 0;
    this.root.classList.toggle("many", tiles.length > FEW_TILES);
    this.boxes = new Map(tiles.map(({ key }) => [key, newTile(key)]));
    this.root.replaceChildren(...[...this.boxes.values()].map(({ box }) => box));
  }
}

function newTile(key) {
  const [label, value, unit] = [make("dt"), make("span", "value"), make("span", "unit")];
  const box = make("div", "tile", label, make("dd", "", value, unit));
  box.dataset.tile = key;
  return { box, label, value, unit };
}
