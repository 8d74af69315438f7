// The box of one panel on the page: a title and a canvas, or a table.

import { make, setText } from "../common/elements.js";
import { Surface } from "../common/surface.js";
import { TableDrawing } from "./table/table.js";

const LEAST_SIDE = 20; // pixels; nothing is drawn on a smaller canvas

function newBox(panel, ...children) {
  const box = make("section", `panel ${panel.type}`, ...children);
  box.dataset.panel = panel.name;
  return box;
}

export class TableBox {
  constructor(panel) {
    this.type = panel.type;
    const scroll = make("div", "scroll");
    this.box = newBox(panel, scroll);
    this.table = new TableDrawing(scroll);
  }

  measure() {}

  paint(panel, { theme, isAtRest }) {
    this.table.draw(theme, panel, isAtRest);
  }
}

/**
 * A canvas with its title.
 *
 * `drawing` has `draw(surface, panel)`, and `arrange(panel, width, unit).height` where the height
 * follows from what is drawn. `describe` puts a panel into words.
 */
export class CanvasBox {
  constructor(panel, drawing, describe) {
    this.type = panel.type;
    this.drawing = drawing;
    this.describe = describe;
    this.title = make("h2", "title");
    this.canvas = make("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvasBox = make("div", "canvas-box", this.canvas);
    this.surface = new Surface(this.canvas);
    this.box = newBox(panel, this.title, this.canvasBox);
  }

  /** Reads the size of the box from the page, which may force a layout. */
  measure(panel, unit) {
    if (this.drawing.arrange) this.fitHeight(panel, unit);
    this.surface.resize(this.canvasBox.clientWidth, this.canvasBox.clientHeight);
  }

  fitHeight(panel, unit) {
    const { height } = this.drawing.arrange(panel, this.canvasBox.clientWidth, unit);
    this.canvasBox.style.height = `${Math.ceil(height)}px`;
  }

  /** Draws the panel; `isDescribed` where its text for screen readers is due, too. */
  paint(panel, { theme, unit, isDescribed }) {
    const { surface, drawing } = this;
    setText(this.title, this.titleOf(panel));
    if (drawing.arrange && this.imageShape !== panel.arrays.images.shape.join()) {
      this.imageShape = panel.arrays.images.shape.join();
      this.measure(panel, unit);
    }
    if (surface.width < LEAST_SIDE || surface.height < LEAST_SIDE) return;
    surface.begin(theme, unit);
    drawing.draw(surface, panel);
    this.afterDrawing(panel);
    if (isDescribed || !this.canvas.ariaLabel) this.updateDescription(panel);
  }

  titleOf(panel) {
    return panel.title;
  }

  afterDrawing() {}

  updateDescription(panel) {
    const text = this.describe(panel);
    if (this.canvas.ariaLabel !== text) this.canvas.ariaLabel = text;
  }
}
