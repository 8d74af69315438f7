// Small images with a caption: the steps to the network's input, and its units.

import { Bitmap } from "../common/bitmap.js";
import { css } from "../common/colors.js";
import { make } from "../common/elements.js";

/** A small canvas with a title and a text. */
export function thumbnail(className) {
  const canvas = make("canvas", "");
  const title = make("strong", "");
  const text = make("span", "");
  const root = make("figure", className, canvas, make("figcaption", "", title, text));
  return { root, canvas, title, text, bitmap: new Bitmap() };
}

/**
 * Paints pixels into a thumbnail, with marks that say what is done with them.
 *
 * @param {Uint32Array} table the packed pixel of each byte
 * @param {{values: Uint8Array, shape: number[]}} image rows and columns of bytes
 * @param {object} marks `frame` (top, left, bottom, right), `cross` and `goal` (row, column), each in
 *   shares of the image and each left out where there is none
 */
export function paintThumbnail(box, table, { values, shape }, { frame, cross, goal }, theme) {
  const [rows, columns] = shape;
  const side = box.canvas.clientWidth || 96;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(side * ratio);
  const height = Math.round((side * ratio * rows) / columns);
  if (box.canvas.width !== width) box.canvas.width = width;
  if (box.canvas.height !== height) box.canvas.height = height;
  const context = box.canvas.getContext("2d");
  box.bitmap.fill(columns, rows, false, (at) => table[values[at]]);
  box.bitmap.drawPixels(context, 0, 0, width, height);
  context.lineWidth = 1.5 * ratio;
  if (frame) {
    const [top, left, bottom, right] = frame;
    context.strokeStyle = css(theme.positive);
    context.strokeRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
  }
  const mark = ([row, column], color, reach) => {
    const [x, y, arm] = [column * width, row * height, reach * ratio];
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    context.stroke();
  };
  if (goal) mark(goal, theme.faint, 9);
  if (cross) mark(cross, css(theme.negative), 6);
}
