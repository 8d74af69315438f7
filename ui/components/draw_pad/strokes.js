// The strokes of a drawing, and what undo goes back to.

const LEAST_DISTANCE = 0.004; // of the side: points closer together add nothing to be seen
const DECIMALS = 1e4; // coordinates are sent with four

/** Strokes {width, points}: `points` holds x, y and pressure of each point, in shares of the side. */
export class Strokes {
  constructor(strokes = []) {
    this.strokes = strokes;
    this.earlier = strokes.map((_, i) => strokes.slice(0, i)); // what each undo brings back
  }

  /** How many points there are. */
  get count() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.points.length / 3, 0);
  }

  get canUndo() {
    return this.earlier.length > 0;
  }

  /** Begins a stroke. */
  begin(width, x, y, pressure) {
    this.earlier.push(this.strokes);
    this.strokes = [...this.strokes, { width, points: [] }];
    this.add(x, y, pressure);
  }

  /** Goes on with the last stroke; false where the point is too near to the one before. */
  add(x, y, pressure) {
    const { points } = this.strokes.at(-1);
    const [lastX, lastY] = points.slice(-3);
    if (points.length && Math.hypot(x - lastX, y - lastY) < LEAST_DISTANCE) return false;
    points.push(...[x, y, pressure].map((value) => Math.round(value * DECIMALS) / DECIMALS));
    return true;
  }

  /** Takes back a stroke, or a `clear`. */
  undo() {
    this.strokes = this.earlier.pop() ?? this.strokes;
  }

  clear() {
    if (!this.strokes.length) return;
    this.earlier.push(this.strokes);
    this.strokes = [];
  }

  /** Whether there is room for a further point, and for so many further strokes. */
  hasRoom({ most_strokes: mostStrokes, most_points: mostPoints }, furtherStrokes = 0) {
    return this.strokes.length + furtherStrokes <= mostStrokes && this.count + 1 <= mostPoints;
  }

  /** Paints the strokes into a square of `side` pixels, in the colour that is set. */
  paint(context, side) {
    context.lineCap = context.lineJoin = "round";
    for (const { width, points } of this.strokes) {
      for (let i = 0; i < points.length; i += 3) {
        const j = Math.min(i + 3, points.length - 3);
        context.lineWidth = Math.max(1, (width * side * (points[i + 2] + points[j + 2])) / 2);
        context.beginPath();
        context.moveTo(points[i] * side, points[i + 1] * side);
        context.lineTo(points[j] * side + 0.01, points[j + 1] * side);
        context.stroke();
      }
    }
  }
}
