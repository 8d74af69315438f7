// What the input square is read by: axes and the key of classes.

import { withMinus } from "../../common/number_text.js";
import { shareOf, ticksOf } from "./plane_geometry.js";
import { classColor, drawMark, shapeOf } from "./point_marks.js";

/** Frame, ticks and names of the two inputs. */
export function drawAxes(surface, scene, { x, y, side }) {
  const { context, theme, unit } = surface;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(x, y, side, side);
  const place = (value) => shareOf(scene, value) * side;
  const ticks = ticksOf(scene);
  context.strokeStyle = theme.faint;
  context.beginPath();
  for (const tick of ticks) {
    const at = Math.round(place(tick)) + 0.5;
    context.moveTo(x + at, y + side);
    context.lineTo(x + at, y + side + 4);
    context.moveTo(x - 4, y + side - at);
    context.lineTo(x, y + side - at);
  }
  context.stroke();
  surface.setFont(0.75);
  for (const tick of ticks) {
    const text = withMinus(tick);
    surface.label(text, x + place(tick), y + side + unit * 0.75, { color: theme.faint });
    surface.label(text, x - unit * 0.45, y + side - place(tick), {
      color: theme.faint, align: "right",
    });
  }
  surface.setFont(0.85, 600);
  surface.label(scene.names[0], x + side / 2, y + side + unit * (ticks.length > 2 ? 1.55 : 1.0));
  surface.label(scene.names[1], x - unit * (ticks.length > 2 ? 1.75 : 1.1), y + side / 2);
}

/** The classes by colour and shape, as far as there is room. */
export function drawClassKey(surface, scene, x, y, width) {
  const { context, theme, unit } = surface;
  surface.setFont(0.8);
  let at = x;
  scene.classes.forEach((name, i) => {
    const needed = context.measureText(name).width + unit * 1.6;
    if (at + needed > x + width + unit) return;
    drawMark(surface, at + unit * 0.4, y + unit * 0.5, unit * 0.4, shapeOf(i), classColor(theme, i));
    surface.label(name, at + unit * 1.0, y + unit * 0.5, { align: "left" });
    at += needed;
  });
}
