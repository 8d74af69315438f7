// Data with one input: the output as a curve, with coloured ground behind it.

import { signedByte } from "../../common/colors.js";
import { rounded, withMinus } from "../../common/number_text.js";
import { strokeTwice } from "../../common/surface.js";
import { CHOICES } from "./display_choices.js";
import { shareOf, ticksOf } from "./plane_geometry.js";
import { drawMark, drawWrong, markOf } from "./point_marks.js";

export function drawOneInput(surface, scene, bitmap) {
  const { unit, width, height } = surface;
  const plot = { x: unit * 2.6, y: unit * 0.5 };
  plot.width = width - plot.x - unit * 0.6;
  plot.height = height - plot.y - unit * 2.2;
  const { threshold, reach } = scene;
  const [low, high] = [threshold - 1.25 * reach, threshold + 1.25 * reach];
  const placeX = (value) => plot.x + shareOf(scene, value) * plot.width;
  const placeY = (value) =>
    plot.y + (1 - shareOf({ low, high }, Math.min(high, Math.max(low, value)))) * plot.height;
  drawOutput(surface, scene, bitmap, plot, placeX, placeY);
  labelAxes(surface, scene, plot, placeX, placeY);
  const { points, target, right } = scene;
  for (let i = 0; i < target.length; i++) {
    const [x, y] = [placeX(points[i]), placeY(threshold + (target[i] ? reach : -reach))];
    const { shape, color } = markOf(surface.theme, scene, target[i]);
    drawMark(surface, x, y, unit * 0.55, shape, color);
    if (!right[i]) drawWrong(surface, x, y, unit * 0.55);
  }
}

function drawOutput({ context, theme, unit }, scene, bitmap, plot, placeX, placeY) {
  const { threshold, reach } = scene;
  const { values, shape } = scene.field;
  const columns = shape[2];
  bitmap.fill(columns, 1, true, (i) => {
    const share = (values[i] - threshold) / reach;
    return theme.diverging[signedByte(CHOICES.discrete ? Math.sign(share) * 0.75 : share)];
  });
  context.globalAlpha = 0.55;
  bitmap.drawSamples(context, plot.x, plot.y, plot.width, plot.height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(plot.x, plot.y, plot.width, plot.height);

  context.strokeStyle = theme.faint;
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(plot.x, placeY(threshold));
  context.lineTo(plot.x + plot.width, placeY(threshold));
  context.stroke();
  context.setLineDash([]);

  const path = new Path2D();
  for (let i = 0; i < columns; i++) {
    const value = scene.low + ((scene.high - scene.low) * i) / (columns - 1);
    path.lineTo(placeX(value), placeY(values[i]));
  }
  strokeTwice(context, path, theme.halo, unit * 0.4, theme.text, unit * 0.19);
}

function labelAxes(surface, scene, plot, placeX, placeY) {
  const { theme, unit } = surface;
  const { threshold, reach } = scene;
  const floor = plot.y + plot.height;
  const color = theme.faint;
  surface.setFont(0.75);
  for (const tick of ticksOf(scene)) {
    surface.label(withMinus(tick), placeX(tick), floor + unit * 0.65, { color });
  }
  for (const tick of [threshold - reach, threshold, threshold + reach]) {
    const text = rounded(tick, 3);
    surface.label(text, plot.x - unit * 0.35, placeY(tick), { color, align: "right" });
  }
  surface.setFont(0.85, 600);
  surface.label(scene.names[0], plot.x + plot.width / 2, floor + unit * 1.3);
  surface.label(scene.output_name, unit * 0.7, plot.y + unit * 0.5);
}
