// The scale of the colours from orange to blue.

import { css } from "./colors.js";
import { rounded } from "./number_text.js";

/** A bar of colours with the numbers they stand for. */
export function drawColorScale(surface, { threshold, reach }, x, y, width) {
  const { context, theme, unit } = surface;
  const gradient = context.createLinearGradient(x, 0, x + width, 0);
  gradient.addColorStop(0, css(theme.negative));
  gradient.addColorStop(0.5, css(theme.neutral));
  gradient.addColorStop(1, css(theme.positive));
  const height = unit * 0.6;
  context.fillStyle = gradient;
  context.fillRect(x, y, width, height);
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.strokeRect(x, y, width, height);
  context.strokeStyle = theme.text;
  context.lineWidth = unit * 0.17;
  context.beginPath();
  context.moveTo(x + width / 2, y - 2);
  context.lineTo(x + width / 2, y + height + 2);
  context.stroke();
  surface.setFont(0.75);
  const below = y + height + unit * 0.6;
  const color = theme.faint;
  surface.label(rounded(threshold - reach, 3), x, below, { align: "left", color });
  surface.label(rounded(threshold, 3), x + width / 2, below, { color });
  surface.label(rounded(threshold + reach, 3), x + width, below, { align: "right", color });
}
