// The panel of the input square: the picture of the plane and, below it, what is drawn in it.

import { InteractiveBox } from "../interactive_box.js";
import { BoundaryControls } from "./boundary_controls.js";
import { describeBoundary } from "./boundary_description.js";
import { BoundaryDrawing } from "./boundary_drawing.js";

export class BoundaryBox extends InteractiveBox {
  constructor(panel, view) {
    super(panel, new BoundaryDrawing(), describeBoundary, view, "picture of the plane");
    this.controls = new BoundaryControls(() => view.repaint());
    this.box.append(this.controls.box);
  }

  click(place, panel) {
    if (!place || !panel.accepts_points || this.drawing.enlarged) return;
    this.view.send("point", { x1: place.x1, x2: place.x2 });
  }

  paint(panel, circumstances) {
    this.drawing.enlarged = this.view.enlargedScene(panel);
    this.controls.update(panel);
    const isPlaceable = panel.accepts_points && !this.drawing.enlarged;
    this.canvas.style.cursor = isPlaceable ? "crosshair" : "";
    super.paint(panel, circumstances);
  }

  titleOf(panel) {
    return this.drawing.enlarged?.title ?? panel.title;
  }
}
