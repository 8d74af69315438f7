// The strokes of a drawing, and the way back: what is undone can be a stroke, or a Clear.

const NEAREST = 0.004; // of the side: points closer together add nothing to be seen

class Drawing {
  constructor(strokes = []) {
    this.strokes = strokes;
    this.before = strokes.map((_, i) => strokes.slice(0, i));
  }

  get count() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.points.length / 3, 0);
  }

  get canUndo() {
    return this.before.length > 0;
  }

  begin(width, x, y, pressure) {
    this.before.push(this.strokes);
    this.strokes = [...this.strokes, { width, points: [] }];
    this.add(x, y, pressure);
  }

  // False where the point is too near to the one before.
  add(x, y, pressure) {
    const { points } = this.strokes.at(-1);
    const [lastX, lastY] = points.slice(-3);
    if (points.length && Math.hypot(x - lastX, y - lastY) < NEAREST) return false;
    points.push(...[x, y, pressure].map((value) => Math.round(value * 1e4) / 1e4));
    return true;
  }

  undo() {
    this.strokes = this.before.pop() ?? this.strokes;
  }

  clear() {
    if (!this.strokes.length) return;
    this.before.push(this.strokes);
    this.strokes = [];
  }

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
