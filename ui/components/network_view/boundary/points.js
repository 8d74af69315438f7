// The points of the data in one square.

import { CHOICES } from "./display_choices.js";
import { shareOf } from "./plane_geometry.js";
import { drawMark, drawWrong, markOf } from "./point_marks.js";

const MANY_POINTS = 64; // beyond so many, points are small and wrong ones have no ring

/** Whether a point is drawn in a square, by the numbers of both. */
export function isPointShown(scene, i, square) {
  const isLeftOut = scene.isTest[i] && scene.hasBoth && !CHOICES.test;
  return scene.pointSquares[i] === square && !isLeftOut;
}

export function drawPoints(surface, scene, { number, x, y, side }) {
  const { theme, unit } = surface;
  const { points, target, right, isTest } = scene;
  const isCrowded = target.length > MANY_POINTS;
  const size = isCrowded
    ? Math.max(2.2, Math.min(unit * 0.24, side * 0.011))
    : Math.max(4, Math.min(unit * 0.55, side * 0.045));
  for (let i = 0; i < target.length; i++) {
    if (!isPointShown(scene, i, number)) continue;
    const pointX = x + shareOf(scene, points[2 * i]) * side;
    const pointY = y + side - shareOf(scene, points[2 * i + 1]) * side;
    const { shape, color } = markOf(theme, scene, target[i]);
    // Only where there is a test set do test points have to look different.
    drawMark(surface, pointX, pointY, size, shape, color, isTest[i] && scene.hasBoth);
    if (right && !right[i] && !isCrowded) drawWrong(surface, pointX, pointY, size);
  }
}
