// Which box stands where: network, boundary and curves side by side at the top, the rest below.

import { make } from "../common/elements.js";
import { BoundaryBox } from "./boundary/boundary_box.js";
import { describeCurve } from "./curve/curve_description.js";
import { CurveDrawing } from "./curve/curve_drawing.js";
import { describeExamples, ExamplesDrawing } from "./images/examples.js";
import { describeWeightImages, WeightImagesDrawing } from "./images/weight_images.js";
import { NetworkBox } from "./network/network_box.js";
import { CanvasBox, TableBox } from "./panel_box.js";
import { canStandBeside } from "./table/table.js";

const AT_THE_TOP = ["network", "boundary", "curve"];
const BESIDE_WIDTH = 1300; // pixels from which a short table fits below the curves

const NEW_BOX = {
  network: (panel, view) => new NetworkBox(panel, view),
  boundary: (panel, view) => new BoundaryBox(panel, view),
  curve: (panel) => new CanvasBox(panel, new CurveDrawing(), describeCurve),
  pictures: (panel) => new CanvasBox(panel, new WeightImagesDrawing(), describeWeightImages),
  examples: (panel) => new CanvasBox(panel, new ExamplesDrawing(), describeExamples),
  table: (panel) => new TableBox(panel),
};

export class PanelGrid {
  constructor(view) {
    this.view = view;
    this.top = make("div", "stage");
    this.below = make("div", "below");
    this.boxes = new Map(); // by the name of the panel
    this.structure = null;
  }

  /** Makes and places the boxes; true where they are others than before. */
  arrange(panels) {
    const structure = panels
      .map((panel) => `${panel.name}:${panel.type}:${canStandBeside(panel)}`)
      .join("|");
    if (structure === this.structure) return false;
    this.structure = structure;
    const before = this.boxes;
    for (const { box } of before.values()) box.remove();
    this.boxes = new Map();
    const curves = make("div", "curves");
    for (const panel of panels) {
      const known = before.get(panel.name);
      const panelBox = known?.type === panel.type ? known : NEW_BOX[panel.type](panel, this.view);
      this.boxes.set(panel.name, panelBox);
      if (panel.type === "curve") curves.append(panelBox.box);
      else if (AT_THE_TOP.includes(panel.type)) this.top.append(panelBox.box);
      else this.below.append(panelBox.box);
    }
    this.top.querySelector(".curves")?.remove();
    if (curves.childElementCount) this.top.append(curves);
    this.top.dataset.columns = this.top.childElementCount;
    this.top.classList.toggle("with-network", panels.some(({ type }) => type === "network"));
    return true;
  }

  /** Reads the sizes of all boxes; done here only, because it may force a layout. */
  measure(panels, unit, width) {
    this.placeTables(panels, width);
    for (const panel of panels) this.boxes.get(panel.name)?.measure(panel, unit);
  }

  // On a wide screen a short table joins the curves, so that all is seen without scrolling.
  placeTables(panels, width) {
    const curves = this.top.querySelector(".curves");
    for (const panel of panels) {
      const panelBox = this.boxes.get(panel.name);
      if (panelBox?.type !== "table") continue;
      const isBeside = Boolean(curves) && width >= BESIDE_WIDTH && canStandBeside(panel);
      const place = isBeside ? curves : this.below;
      panelBox.box.classList.toggle("beside", isBeside);
      if (panelBox.box.parentElement !== place) place.append(panelBox.box);
    }
  }

  paint(panel, circumstances) {
    this.boxes.get(panel.name).paint(panel, circumstances);
  }
}
