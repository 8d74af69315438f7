// What pointer and keys are on in the input square.

import { fixed } from "../../common/number_text.js";
import { describePlace, describePoint } from "./boundary_description.js";
import { shareOf } from "./plane_geometry.js";
import { isPointShown } from "./points.js";

const POINT_RADIUS = 9; // pixels within which the pointer is on a point
const KEY_STEPS = 60; // of an arrow key, from one edge to the other; with Shift a fifth of them
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class BoundarySelection {
  constructor() {
    this.scene = null; // set by the drawing, as are the squares
    this.squares = [];
    this.pointer = null; // {x, y} in CSS pixels
    this.cursor = null; // [x1, x2] of the crosshair that the arrow keys move
    this.hasFocus = false;
  }

  get hasPlane() {
    return Boolean(this.scene) && this.scene.names.length > 1;
  }

  /** Where a pixel lies in the plane: {square, x1, x2}; null outside of every square. */
  targetAt(x, y) {
    if (!this.hasPlane) return null;
    const found = this.squares.find(
      (it) => x >= it.x && x <= it.x + it.side && y >= it.y && y <= it.y + it.side,
    );
    if (!found) return null;
    const { low, high } = this.scene;
    return {
      square: found.number,
      x1: low + ((x - found.x) / found.side) * (high - low),
      x2: low + ((found.y + found.side - y) / found.side) * (high - low),
    };
  }

  /** What Enter acts on: the place of the crosshair. */
  selected() {
    return this.cursor && { square: 0, x1: this.cursor[0], x2: this.cursor[1] };
  }

  /** The number of the point at a pixel, or null. */
  pointAt(x, y) {
    const { scene } = this;
    if (!this.hasPlane) return null;
    let [nearest, least] = [null, POINT_RADIUS];
    for (const square of this.squares) {
      for (let i = 0; i < scene.target.length; i++) {
        if (!isPointShown(scene, i, square.number)) continue;
        const distance = Math.hypot(
          square.x + shareOf(scene, scene.points[2 * i]) * square.side - x,
          square.y + square.side - shareOf(scene, scene.points[2 * i + 1]) * square.side - y,
        );
        if (distance < least) [nearest, least] = [i, distance];
      }
    }
    return nearest;
  }

  /** The pixel of the crosshair; null while it is not shown. */
  crosshairPlace() {
    if (!this.cursor || !this.hasFocus || !this.squares.length || !this.scene) return null;
    const { x, y, side } = this.squares[0];
    return {
      x: x + shareOf(this.scene, this.cursor[0]) * side,
      y: y + side - shareOf(this.scene, this.cursor[1]) * side,
    };
  }

  tooltipPlace() {
    return this.pointer ?? this.crosshairPlace();
  }

  /** What the tooltip says, with the numbers of this moment. */
  tooltipText() {
    const place = this.tooltipPlace();
    const { scene } = this;
    if (!place || !scene) return "";
    const point = this.pointAt(place.x, place.y);
    if (point !== null) return describePoint(scene, point);
    const at = this.pointer ? this.targetAt(place.x, place.y) : this.selected();
    if (!at) return "";
    const inputs = `${scene.names[0]} = ${fixed(at.x1)}, ${scene.names[1]} = ${fixed(at.x2)}`;
    return `${inputs}: ${describePlace(scene, at)}`;
  }

  /** Escape takes the crosshair away. True where there was one. */
  escape() {
    const wasNeeded = Boolean(this.cursor);
    this.cursor = null;
    return wasNeeded;
  }

  /** The crosshair starts in the middle. */
  startCursor() {
    if (!this.hasPlane) return;
    const middle = (this.scene.low + this.scene.high) / 2;
    this.cursor ??= [middle, middle];
  }

  /** Arrow keys move the crosshair. True where the key was an arrow. */
  moveCursor(key, panel, isLarge) {
    const direction = ARROWS[key];
    if (!direction || !this.hasPlane) return false;
    this.startCursor();
    const { low, high } = this.scene;
    const step = ((high - low) / KEY_STEPS) * (isLarge ? 5 : 1);
    this.cursor = this.cursor.map((value, axis) =>
      Math.min(high, Math.max(low, value + direction[axis] * step)),
    );
    this.pointer = null;
    return true;
  }
}
