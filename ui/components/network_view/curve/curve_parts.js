// What is drawn over the axes: lines with their bands, their legend, marked steps.

import { compact } from "../../common/number_text.js";

/** A line through the middles of the bins, over a band from the lowest to the highest value. */
export function drawSeries({ context, unit }, { steps, low, high, color, dash }, placeX, placeY) {
  context.lineJoin = "round";
  context.setLineDash([]);
  context.beginPath();
  let isBand = false;
  for (let i = 0; i < steps.length; i++) {
    context.lineTo(placeX(steps[i]), placeY(high[i]));
    isBand ||= high[i] > low[i];
  }
  if (isBand) {
    for (let i = steps.length - 1; i >= 0; i--) context.lineTo(placeX(steps[i]), placeY(low[i]));
    context.globalAlpha = 0.3;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }
  context.beginPath();
  let isDrawing = false;
  for (let i = 0; i < steps.length; i++) {
    const middle = (low[i] + high[i]) / 2;
    if (!Number.isFinite(middle)) {
      isDrawing = false;
      continue;
    }
    if (isDrawing) context.lineTo(placeX(steps[i]), placeY(middle));
    else context.moveTo(placeX(steps[i]), placeY(middle));
    isDrawing = true;
  }
  context.strokeStyle = color;
  context.lineWidth = unit * 0.16;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
  if (steps.length === 1) {
    context.beginPath();
    context.arc(placeX(steps[0]), placeY(high[0]), unit * 0.2, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }
}

/** The name of each line, beside a piece of it. */
export function drawLegend(surface, lines, left, y) {
  const { context, unit } = surface;
  surface.setFont(0.8);
  let x = left;
  for (const { name, color, dash } of lines) {
    context.strokeStyle = color;
    context.lineWidth = unit * 0.18;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + unit * 2, y);
    context.stroke();
    surface.write(name, x + unit * 2.3, y, { align: "left" });
    x += unit * 3.2 + context.measureText(name).width;
  }
}

/** Dotted lines at the steps where the visitor changed the run, and a text beside the last. */
export function drawChanges(surface, marks, plot, domain, placeX) {
  const { context, theme, unit } = surface;
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  for (const { step } of marks) {
    const x = Math.round(placeX(Math.min(step, domain.lastStep))) + 0.5;
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
  }
  context.stroke();
  context.setLineDash([]);
  const last = marks.at(-1);
  if (!last) return;
  surface.setFont(0.72);
  const x = placeX(Math.min(last.step, domain.lastStep));
  const isLate = x > plot.x + plot.width / 2;
  surface.label(last.text, x + (isLate ? -4 : 4), plot.y + unit * 0.6, {
    align: isLate ? "right" : "left", color: theme.faint,
  });
}

/** The step that is looked back at: a line with a handle at its foot, where a slider has its own. */
export function drawShownStep(surface, step, plot, x) {
  const { context, theme, unit } = surface;
  const floor = plot.y + plot.height;
  context.setLineDash([]);
  context.strokeStyle = context.fillStyle = theme.text;
  context.lineWidth = unit * 0.12;
  context.beginPath();
  context.moveTo(x, plot.y - unit * 0.1);
  context.lineTo(x, floor);
  context.stroke();
  context.beginPath();
  context.arc(x, floor, unit * 0.32, 0, 2 * Math.PI);
  context.fill();
  surface.setFont(0.8, 600);
  const isRight = x > plot.x + plot.width * 0.7;
  surface.write(compact(step), x + unit * (isRight ? -0.3 : 0.3), plot.y + unit * 0.3, {
    align: isRight ? "right" : "left", color: theme.text,
  });
}
