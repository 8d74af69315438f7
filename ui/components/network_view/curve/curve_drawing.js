// Curves over the steps: losses and other measured numbers.

import { css, mix } from "../../common/colors.js";
import { compact, short } from "../../common/number_text.js";
import { toRgb } from "../../common/theme.js";
import { drawChanges, drawLegend, drawSeries, drawShownStep } from "./curve_parts.js";
import {
  domainOf, shareOnAxis, spread, stepTicks, tickText, valueTicks,
} from "./curve_scales.js";

const DASHES = [[], [7, 4], [2, 3], [9, 3, 2, 3], [4, 2]];

export class CurveDrawing {
  draw(surface, panel) {
    const { theme, unit, width, height } = surface;
    const lines = linesOf(panel, theme);
    const left = unit * 3.2;
    const right = unit * 3.6;
    const top = unit * 0.9 + (lines.length ? unit * 1.4 : 0); // the legend
    const bottom = unit * 2.4;
    const plot = { x: left, y: top, width: width - left - right, height: height - top - bottom };
    if (plot.width < 20 || plot.height < 20) return;
    const domain = domainOf(panel, lines);
    const placeX = (step) => plot.x + (step / domain.lastStep) * plot.width;
    const placeY = (value) => {
      const share = shareOnAxis(value, domain, panel.log);
      return plot.y + (1 - Math.min(1.02, Math.max(-0.02, share))) * plot.height;
    };
    drawValueAxis(surface, panel, plot, domain, placeY);
    drawStepAxis(surface, panel, plot, domain, placeX);
    for (const line of lines) drawSeries(surface, line, placeX, placeY);
    labelEnds(surface, lines, plot, placeY);
    if (lines.length) drawLegend(surface, lines, plot.x, unit * 0.8);
    drawChanges(surface, panel.marks ?? [], plot, domain, placeX);
    if (panel.mark !== null && panel.mark <= domain.lastStep) {
      drawShownStep(surface, panel.mark, plot, placeX(panel.mark));
    }
  }
}

function linesOf(panel, theme) {
  return panel.series.map((series, i) => ({
    ...series,
    steps: panel.arrays[`steps${i}`].values,
    low: panel.arrays[`low${i}`].values,
    high: panel.arrays[`high${i}`].values,
    ink: css(mix(toRgb(series.color), theme.ink, 0.3)), // text needs more contrast than lines
    dash: DASHES[i % DASHES.length],
  }));
}

function drawValueAxis(surface, panel, plot, domain, placeY) {
  const { context, theme, unit } = surface;
  context.setLineDash([]);
  context.lineWidth = 1;
  context.strokeStyle = theme.line;
  surface.setFont(0.75);
  context.beginPath();
  for (const tick of valueTicks(domain, panel.log, plot.height / unit)) {
    const y = Math.round(placeY(tick)) + 0.5;
    context.moveTo(plot.x, y);
    context.lineTo(plot.x + plot.width, y);
    surface.write(tickText(tick, panel.log), plot.x - unit * 0.4, y, {
      align: "right", color: theme.faint,
    });
  }
  context.moveTo(plot.x + 0.5, plot.y);
  context.lineTo(plot.x + 0.5, plot.y + plot.height + 1);
  context.stroke();
  drawValueTitle(surface, panel, plot);
}

function drawValueTitle(surface, panel, plot) {
  const { context, theme, unit, height } = surface;
  context.save();
  context.translate(unit * 0.6, plot.y + plot.height / 2);
  context.rotate(-Math.PI / 2);
  surface.setFont(0.8);
  const scales = panel.log ? [", log scale", " (log)", ""] : [""];
  const titles = scales.map((scale) => panel.y_label + scale);
  const room = height - plot.y;
  const title = titles.find((text) => context.measureText(text).width <= room) ?? "";
  const reach = context.measureText(title).width / 2;
  // A long title reaches down beside the axis below rather than out at the top.
  surface.write(title, Math.min(0, plot.height / 2 + plot.y - reach), 0, { color: theme.faint });
  context.restore();
}

function drawStepAxis(surface, panel, plot, { lastStep }, placeX) {
  const { context, theme, unit } = surface;
  const floor = plot.y + plot.height;
  const most = Math.max(2, Math.floor(plot.width / (unit * 3.2)));
  const ticks = stepTicks(lastStep, most);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const tick of ticks) {
    const x = Math.round(placeX(tick)) + 0.5;
    context.moveTo(x, floor);
    context.lineTo(x, floor + unit * 0.3);
  }
  context.moveTo(plot.x + 0.5, floor + 0.5);
  context.lineTo(plot.x + plot.width, floor + 0.5);
  context.stroke();
  const color = theme.faint;
  surface.setFont(0.75);
  for (const tick of ticks) surface.write(compact(tick), placeX(tick), floor + unit * 0.85, { color });
  surface.setFont(0.8);
  surface.write(panel.x_label, plot.x + plot.width / 2, floor + unit * 1.8, { color });
}

// The last number of each line, to the right of its end.
function labelEnds(surface, lines, plot, placeY) {
  const { unit, height } = surface;
  const labels = lines
    .filter((line) => line.last !== null && line.steps.length)
    .map((line) => ({ line, y: typeof line.last === "number" ? placeY(line.last) : plot.y }))
    .sort((a, b) => a.y - b.y);
  spread(labels, unit * 1.1, height - unit * 0.7);
  surface.setFont(0.8, 600);
  for (const { line, y } of labels) {
    surface.write(short(line.last), plot.x + plot.width + unit * 0.35, y, {
      align: "left", color: line.ink,
    });
  }
}
