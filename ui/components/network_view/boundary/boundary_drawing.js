// The output over the input square, or, enlarged, what one unit answers there.

import { bitmapFor } from "../../common/bitmap.js";
import { drawColorScale } from "../../common/color_scale.js";
import { strokeTwice } from "../../common/surface.js";
import { drawAxes, drawClassKey } from "./axes.js";
import { BoundarySelection } from "./boundary_selection.js";
import { showsLines } from "./display_choices.js";
import { drawGround, drawUnitLines } from "./ground.js";
import { drawOneInput } from "./one_input.js";
import { ticksOf } from "./plane_geometry.js";
import { drawPoints } from "./points.js";
import { sceneOf } from "./scene.js";

export class BoundaryDrawing {
  constructor() {
    this.bitmaps = [];
    this.enlarged = null; // a scene of one unit's answers, in place of the output
    this.selection = new BoundarySelection();
  }

  draw(surface, panel) {
    const scene = this.enlarged ?? sceneOf(panel);
    this.selection.scene = scene;
    if (scene.names.length === 1) {
      this.selection.squares = [];
      drawOneInput(surface, scene, bitmapFor(this.bitmaps, 0));
      return;
    }
    const layout = layOutSquares(surface, scene);
    this.selection.squares = layout.squares;
    for (const square of layout.squares) this.drawSquare(surface, scene, square);
    if (layout.squares.length) drawKey(surface, scene, layout);
    this.drawCrosshair(surface);
  }

  drawSquare(surface, scene, square) {
    drawGround(surface, scene, bitmapFor(this.bitmaps, square.number), square);
    if (scene.lines && showsLines(scene.panel)) drawUnitLines(surface, scene, square);
    drawAxes(surface, scene, square);
    drawPoints(surface, scene, square);
    if (scene.squares.length < 2) return;
    surface.setFont(0.8, 600);
    const title = scene.squares[square.number];
    surface.label(title, square.x + square.side / 2, square.y - surface.unit * 0.7);
  }

  drawCrosshair({ context, theme }) {
    const place = this.selection.crosshairPlace();
    if (!place) return;
    const { x, y, side } = this.selection.squares[0];
    const path = new Path2D();
    path.moveTo(x, place.y);
    path.lineTo(x + side, place.y);
    path.moveTo(place.x, y);
    path.lineTo(place.x, y + side);
    strokeTwice(context, path, theme.halo, 4, theme.text, 1.5);
  }
}

/**
 * Places the squares of a scene in 1, 2 or 4 columns, so that they are as large as possible.
 *
 * @returns {object} `squares`, each {number, x, y, side} in CSS pixels, none where they would be too
 *   small; and `keyX`, `keyY`, `keyWidth`: where the scale or the key of classes goes
 */
export function layOutSquares({ unit, width, height }, scene) {
  const count = scene.squares.length;
  const hasManyTicks = ticksOf(scene).length > 2;
  const head = count > 1 ? unit * 1.3 : unit * 0.4;
  const left = unit * (hasManyTicks ? 2.6 : 1.9);
  const foot = unit * (hasManyTicks ? 2.4 : 2.1);
  const keyHeight = unit * 2.2;
  const rowsIn = (columns) => Math.ceil(count / columns);
  const sideIn = (columns) =>
    Math.min(
      (width - unit * 0.5) / columns - left,
      (height - keyHeight) / rowsIn(columns) - head - foot,
    );
  const columns = [1, 2, 4]
    .filter((number) => number <= count)
    .reduce((best, number) => (sideIn(number) > sideIn(best) ? number : best));
  const [rows, side] = [rowsIn(columns), sideIn(columns)];
  if (side < 10) return { squares: [] };
  const blockWidth = side + left;
  const blockHeight = side + head + foot;
  const startX = (width - columns * blockWidth - unit * 0.5) / 2;
  const startY = Math.max(0, (height - keyHeight - rows * blockHeight) / 2);
  const squares = Array.from({ length: count }, (_, number) => ({
    number,
    x: startX + (number % columns) * blockWidth + left,
    y: startY + Math.floor(number / columns) * blockHeight + head,
    side,
  }));
  return {
    squares,
    keyX: startX + left,
    keyY: startY + rows * blockHeight + unit * 0.2,
    keyWidth: columns * blockWidth - left,
  };
}

function drawKey(surface, scene, { keyX, keyY, keyWidth }) {
  if (scene.kind === "classes") drawClassKey(surface, scene, keyX, keyY, keyWidth);
  else drawColorScale(surface, scene, keyX, keyY, keyWidth);
}
