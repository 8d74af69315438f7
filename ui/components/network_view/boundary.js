// The output over the input square, with the points, and the lines where the answer changes. Or,
// enlarged, what one unit answers there.

const MANY_POINTS = 64; // beyond so many, points are small and wrong ones have no ring
const FEW_LINES = 4; // hidden units whose lines are drawn unless somebody says otherwise
const POINT_RADIUS = 9; // pixels from which the pointer is on a point

// What the visitor has chosen, for every picture on the page.
const CHOICES = { test: true, discrete: false, lines: null };

function showsLines(panel) {
  return CHOICES.lines ?? (panel.arrays.lines?.shape[0] ?? 0) <= FEW_LINES;
}

class BoundaryDrawing {
  constructor() {
    this.bitmaps = [];
    this.pointer = null; // in pixels
    this.crosshair = null; // in the plane, moved by keys
    this.hasFocus = false;
    this.enlarged = null; // a scene made of one unit's answers
    this.squares = [];
  }

  draw(surface, panel) {
    const scene = this.enlarged ?? sceneOf(panel);
    this.scene = scene;
    this.squares = [];
    if (scene.names.length === 1) this.drawLine(surface, scene);
    else this.drawSquares(surface, scene);
    this.drawCrosshair(surface, scene);
  }

  drawSquares(surface, scene) {
    const { unit, width, height } = surface;
    const count = scene.squares.length;
    const titled = count > 1;
    const many = ticksOf(scene).length > 2;
    const head = titled ? unit * 1.3 : unit * 0.4;
    const left = unit * (many ? 2.6 : 1.9);
    const foot = unit * (many ? 2.4 : 2.1);
    const scaleHeight = unit * 2.2;
    const arrangements = [1, 2, 4]
      .filter((columns) => columns <= count)
      .map((columns) => {
        const rows = Math.ceil(count / columns);
        const side = Math.min(
          (width - unit * 0.5) / columns - left,
          (height - scaleHeight) / rows - head - foot,
        );
        return { columns, rows, side };
      });
    const { columns, rows, side } = arrangements.reduce((a, b) => (b.side > a.side ? b : a));
    if (side < 10) return;
    const blockWidth = side + left;
    const blockHeight = side + head + foot;
    const startX = (width - columns * blockWidth - unit * 0.5) / 2;
    const startY = Math.max(0, (height - scaleHeight - rows * blockHeight) / 2);
    for (let square = 0; square < count; square++) {
      const x = startX + (square % columns) * blockWidth + left;
      const y = startY + Math.floor(square / columns) * blockHeight + head;
      this.squares.push({ x, y, side, square });
      drawGround(surface, scene, square, bitmapFor(this.bitmaps, square), x, y, side, CHOICES.discrete);
      if (scene.lines && showsLines(scene.panel)) drawLines(surface, scene, x, y, side);
      drawAxes(surface, scene, x, y, side);
      this.drawPoints(surface, scene, square, x, y, side);
      if (titled) {
        surface.setFont(0.8, 600);
        surface.label(scene.squares[square], x + side / 2, y - unit * 0.7);
      }
    }
    const end = startY + rows * blockHeight;
    const keyWidth = columns * blockWidth - left;
    if (scene.kind === "classes") drawClassKey(surface, scene, startX + left, end + unit * 0.2, keyWidth);
    else drawScale(surface, scene, startX + left, end + unit * 0.2, keyWidth);
  }

  drawPoints(surface, scene, square, x, y, side) {
    const { theme, unit } = surface;
    const { points, owner, target, right, isTest } = scene;
    const count = target.length;
    const isCrowded = count > MANY_POINTS;
    const size = isCrowded
      ? Math.max(2.2, Math.min(unit * 0.24, side * 0.011))
      : Math.max(4, Math.min(unit * 0.55, side * 0.045));
    for (let i = 0; i < count; i++) {
      if (owner[i] !== square || (isTest[i] && !CHOICES.test && scene.hasBoth)) continue;
      const pointX = x + shareOf(scene, points[2 * i]) * side;
      const pointY = y + side - shareOf(scene, points[2 * i + 1]) * side;
      const { shape, color } = markOf(theme, scene, target[i]);
      // Without a test set there is nothing to be told apart from.
      drawMark(surface, pointX, pointY, size, shape, color, isTest[i] && scene.hasBoth);
      if (right && !right[i] && !isCrowded) drawWrong(surface, pointX, pointY, size);
    }
  }

  // One input: the output as a curve, coloured ground behind it.
  drawLine(surface, scene) {
    const { context, theme, unit, width, height } = surface;
    const { values, shape } = scene.field;
    const columns = shape[2];
    const { threshold, reach } = scene;
    const [low, high] = [threshold - 1.25 * reach, threshold + 1.25 * reach];
    const x = unit * 2.6;
    const y = unit * 0.5;
    const plotWidth = width - x - unit * 0.6;
    const plotHeight = height - y - unit * 2.2;
    const placeX = (value) => x + shareOf(scene, value) * plotWidth;
    const placeY = (value) =>
      y + (1 - (Math.min(high, Math.max(low, value)) - low) / (high - low)) * plotHeight;
    this.squares.push({ x, y, side: plotWidth, height: plotHeight, square: 0 });
    const bitmap = bitmapFor(this.bitmaps, 0);
    bitmap.fill(columns, 1, true, (i) => {
      const share = (values[i] - threshold) / reach;
      return theme.diverging[shade(CHOICES.discrete ? Math.sign(share) * 0.75 : share)];
    });
    context.globalAlpha = 0.55;
    bitmap.drawSamples(context, x, y, plotWidth, plotHeight);
    context.globalAlpha = 1;
    context.strokeStyle = theme.line;
    context.lineWidth = 1;
    context.strokeRect(x, y, plotWidth, plotHeight);

    context.strokeStyle = theme.faint;
    context.setLineDash([4, 4]);
    context.beginPath();
    context.moveTo(x, placeY(threshold));
    context.lineTo(x + plotWidth, placeY(threshold));
    context.stroke();
    context.setLineDash([]);

    const path = new Path2D();
    for (let i = 0; i < columns; i++) {
      const value = scene.low + ((scene.high - scene.low) * i) / (columns - 1);
      path.lineTo(placeX(value), placeY(values[i]));
    }
    strokeTwice(context, path, theme.halo, unit * 0.4, theme.text, unit * 0.19);

    surface.setFont(0.75);
    for (const tick of ticksOf(scene)) {
      surface.label(String(tick), placeX(tick), y + plotHeight + unit * 0.65, {
        color: theme.faint,
      });
    }
    for (const tick of [threshold - reach, threshold, threshold + reach]) {
      surface.label(`${+tick.toPrecision(3)}`.replace("-", "−"), x - unit * 0.35, placeY(tick), {
        color: theme.faint, align: "right",
      });
    }
    surface.setFont(0.85, 600);
    surface.label(scene.names[0], x + plotWidth / 2, y + plotHeight + unit * 1.3);
    surface.label(scene.output_name, unit * 0.7, y + unit * 0.5);
    const { points, target, right } = scene;
    for (let i = 0; i < target.length; i++) {
      const wanted = threshold + (target[i] ? reach : -reach);
      const { shape: form, color } = markOf(theme, scene, target[i]);
      drawMark(surface, placeX(points[i]), placeY(wanted), unit * 0.55, form, color);
      if (!right[i]) drawWrong(surface, placeX(points[i]), placeY(wanted), unit * 0.55);
    }
  }

  drawCrosshair(surface, scene) {
    if (!this.crosshair || !this.hasFocus || scene.names.length < 2 || !this.squares.length) return;
    const { context, theme } = surface;
    const { x, y, side } = this.squares[0];
    const atX = x + shareOf(scene, this.crosshair[0]) * side;
    const atY = y + side - shareOf(scene, this.crosshair[1]) * side;
    const path = new Path2D();
    path.moveTo(x, atY);
    path.lineTo(x + side, atY);
    path.moveTo(atX, y);
    path.lineTo(atX, y + side);
    strokeTwice(context, path, theme.halo, 4, theme.text, 1.5);
  }

  // Where a pixel lies in the plane, or null outside of every square.
  planeAt(x, y) {
    if (!this.scene || this.scene.names.length < 2) return null;
    const found = this.squares.find(
      (it) => x >= it.x && x <= it.x + it.side && y >= it.y && y <= it.y + it.side,
    );
    if (!found) return null;
    const span = this.scene.high - this.scene.low;
    return {
      square: found.square,
      x1: this.scene.low + ((x - found.x) / found.side) * span,
      x2: this.scene.low + ((found.y + found.side - y) / found.side) * span,
    };
  }

  pointAt(x, y) {
    const { scene } = this;
    if (!scene || scene.names.length < 2) return null;
    let [nearest, least] = [null, POINT_RADIUS];
    for (const { x: left, y: top, side, square } of this.squares) {
      for (let i = 0; i < scene.target.length; i++) {
        if (scene.owner[i] !== square || (scene.isTest[i] && !CHOICES.test && scene.hasBoth)) continue;
        const distance = Math.hypot(
          left + shareOf(scene, scene.points[2 * i]) * side - x,
          top + side - shareOf(scene, scene.points[2 * i + 1]) * side - y,
        );
        if (distance < least) [nearest, least] = [i, distance];
      }
    }
    return nearest;
  }

  // Where the tooltip belongs: at the pointer, or at the crosshair.
  spot() {
    if (this.pointer) return this.pointer;
    if (!this.crosshair || !this.hasFocus || !this.squares.length || !this.scene) return null;
    const { x, y, side } = this.squares[0];
    return {
      x: x + shareOf(this.scene, this.crosshair[0]) * side,
      y: y + side - shareOf(this.scene, this.crosshair[1]) * side,
    };
  }

  // What the tooltip says, with the numbers of this moment.
  tooltip() {
    const spot = this.spot();
    const { scene } = this;
    if (!spot || !scene) return "";
    const point = this.pointAt(spot.x, spot.y);
    if (point !== null) return describePoint(scene, point);
    const at = this.pointer
      ? this.planeAt(spot.x, spot.y)
      : { square: 0, x1: this.crosshair[0], x2: this.crosshair[1] };
    if (!at) return "";
    const place = `${scene.names[0]} = ${fixed(at.x1)}, ${scene.names[1]} = ${fixed(at.x2)}`;
    return `${place}: ${describeValue(scene, at)}`;
  }

  // The crosshair starts in the middle.
  begin() {
    if (!this.scene || this.scene.names.length < 2) return;
    const middle = (this.scene.low + this.scene.high) / 2;
    this.crosshair ??= [middle, middle];
  }

  // Keys move a crosshair; the value is read out where it stands. True where the key was for it.
  press(key, isLarge) {
    const { scene } = this;
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key];
    if (!move || !scene || scene.names.length < 2) return false;
    this.begin();
    const step = ((scene.high - scene.low) / 60) * (isLarge ? 5 : 1);
    const [first, second] = this.crosshair;
    const inside = (value) => Math.min(scene.high, Math.max(scene.low, value));
    this.crosshair = [inside(first + move[0] * step), inside(second + move[1] * step)];
    this.pointer = null;
    return true;
  }
}

function sceneOf(panel) {
  const { field, points, square, target, answer, right, is_test: isTest, lines } = panel.arrays;
  const tests = isTest.values.reduce((sum, value) => sum + value, 0);
  return {
    ...panel,
    panel,
    field,
    points: points.values,
    owner: square.values,
    target: target.values,
    answer: answer.values,
    right: right?.values,
    isTest: isTest.values,
    hasBoth: tests > 0 && tests < isTest.values.length,
    hasContour: true,
    lines,
  };
}

function shareOf(scene, value) {
  return (value - scene.low) / (scene.high - scene.low);
}

function describePoint(scene, i) {
  const place = scene.names
    .map((name, axis) => `${name} = ${short(scene.points[2 * i + axis])}`)
    .join(", ");
  const kind = scene.hasBoth ? (scene.isTest[i] ? "test point" : "training point") : "point";
  if (scene.unit) return `${kind} ${place}`;
  const wanted = scene.kind === "classes" ? scene.classes[scene.target[i]] : short(scene.target[i]);
  const said = scene.kind === "classes" ? "probability of its answer" : "output";
  const verdict = !scene.right ? "" : scene.right[i] ? " ✓ right" : " ✗ wrong";
  return `${kind} ${place}: target ${wanted}, ${said} ${(+scene.answer[i].toPrecision(6))}${verdict}`;
}

// Between the samples of the field: about so much.
function describeValue(scene, { square, x1, x2 }) {
  const { values, shape } = scene.field;
  const [count, rows, columns] = shape;
  const at = (layer) => {
    const place = [shareOf(scene, x1) * (columns - 1), shareOf(scene, x2) * (rows - 1)];
    const column = Math.min(columns - 2, Math.max(0, Math.floor(place[0])));
    const row = Math.min(rows - 2, Math.max(0, Math.floor(place[1])));
    const [shareX, shareY] = [place[0] - column, place[1] - row];
    const start = layer * rows * columns + row * columns + column;
    const low = values[start] + shareX * (values[start + 1] - values[start]);
    const high =
      values[start + columns] + shareX * (values[start + columns + 1] - values[start + columns]);
    return low + shareY * (high - low);
  };
  if (scene.kind !== "classes") return `${scene.unit ?? "output"} ≈ ${short(at(square))}`;
  const all = scene.classes.map((name, i) => ({ name, value: i < count ? at(i) : 0 }));
  const best = all.reduce((a, b) => (b.value > a.value ? b : a));
  return `${best.name}, probability ≈ ${short(best.value)}`;
}

// The lines on which each unit of the first hidden layer is undecided.
function drawLines(surface, scene, x, y, side) {
  const { context, theme, unit } = surface;
  const { values, shape } = scene.lines;
  context.setLineDash([unit * 0.5, unit * 0.35]);
  surface.setFont(0.72, 600);
  const labels = [];
  for (let i = 0; i < shape[0]; i++) {
    const ends = lineThroughSquare(values.subarray(3 * i, 3 * i + 3), scene.low, scene.high);
    if (!ends) continue;
    const [[x1, y1], [x2, y2]] = ends.map(([a, b]) => [x + a * side, y + (1 - b) * side]);
    const path = new Path2D();
    path.moveTo(x1, y1);
    path.lineTo(x2, y2);
    context.strokeStyle = theme.halo;
    context.lineWidth = unit * 0.22;
    context.stroke(path);
    context.strokeStyle = theme.faint;
    context.lineWidth = unit * 0.11;
    context.stroke(path);
    labels.push({ text: String(i + 1), x: x1 + (x2 - x1) * 0.06, y: y1 + (y2 - y1) * 0.06 });
  }
  context.setLineDash([]);
  for (const { text, x: labelX, y: labelY } of labels) surface.plate(text, labelX, labelY);
}

const SHAPES = [
  "circle", "square", "triangle", "diamond", "down", "plus", "star", "cross", "hexagon", "bar",
];

function shapeOf(number) {
  return SHAPES[number % SHAPES.length];
}

function classColor(theme, number) {
  return css(theme.classes[number % theme.classes.length]);
}

// Class by shape and colour: never by colour alone. Numbers take the side of the middle they are on.
function markOf(theme, scene, target) {
  const kind = scene.pointKind ?? scene.kind;
  if (kind === "classes") return { shape: shapeOf(target), color: classColor(theme, target) };
  if (kind === "number") {
    const middle = scene.pointMiddle ?? scene.threshold;
    const share = Math.min(1, Math.max(-1, (target - middle) / (scene.pointReach ?? scene.reach)));
    const end = share < 0 ? theme.negative : theme.positive;
    return { shape: share < 0 ? "circle" : "square", color: css(mix(theme.neutral, end, Math.abs(share))) };
  }
  return target
    ? { shape: "square", color: css(theme.positive) }
    : { shape: "circle", color: css(theme.negative) };
}

const CORNERS = {
  square: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  triangle: [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
  diamond: [[0, -1.25], [1.05, 0], [0, 1.25], [-1.05, 0]],
  down: [[0, 1.15], [1.1, -0.85], [-1.1, -0.85]],
  bar: [[-1.3, -0.55], [1.3, -0.55], [1.3, 0.55], [-1.3, 0.55]],
  plus: [
    [-0.4, -1.1], [0.4, -1.1], [0.4, -0.4], [1.1, -0.4], [1.1, 0.4], [0.4, 0.4], [0.4, 1.1],
    [-0.4, 1.1], [-0.4, 0.4], [-1.1, 0.4], [-1.1, -0.4], [-0.4, -0.4],
  ],
  hexagon: Array.from({ length: 6 }, (_, i) => [
    1.1 * Math.cos((i * Math.PI) / 3), 1.1 * Math.sin((i * Math.PI) / 3),
  ]),
  star: Array.from({ length: 10 }, (_, i) => {
    const reach = i % 2 ? 0.55 : 1.3;
    return [reach * Math.sin((i * Math.PI) / 5), -reach * Math.cos((i * Math.PI) / 5)];
  }),
};
CORNERS.cross = CORNERS.plus.map(([x, y]) => [(x - y) * 0.72, (x + y) * 0.72]);

// Filled for training, hollow for testing.
function drawMark(surface, x, y, size, shape, color, isHollow = false) {
  const { context, theme } = surface;
  context.setLineDash([]);
  context.beginPath();
  if (shape === "circle") context.arc(x, y, size, 0, 2 * Math.PI);
  else {
    for (const [atX, atY] of CORNERS[shape]) context.lineTo(x + atX * size, y + atY * size);
    context.closePath();
  }
  context.lineJoin = "round";
  const isSmall = size < 4;
  if (isHollow) {
    context.strokeStyle = theme.text;
    context.lineWidth = isSmall ? 2.6 : size * 0.8;
    context.stroke();
    context.fillStyle = theme.background;
    context.fill();
    context.strokeStyle = color;
    context.lineWidth = isSmall ? 1.3 : size * 0.4;
    context.stroke();
    return;
  }
  context.fillStyle = color;
  if (isSmall) {
    context.strokeStyle = theme.text;
    context.lineWidth = 1.8;
    context.stroke();
    context.fill();
    return;
  }
  context.fill();
  context.strokeStyle = theme.halo;
  context.lineWidth = size * 0.75;
  context.stroke();
  context.strokeStyle = theme.text;
  context.lineWidth = Math.max(0.8, size * 0.3);
  context.stroke();
}

// A wrong answer has a ring and a cross, on the ring, where it hides neither point nor shape.
function drawWrong(surface, x, y, size) {
  const { context, theme } = surface;
  const ring = size * 2.1;
  context.beginPath();
  context.arc(x, y, ring, 0, 2 * Math.PI);
  context.strokeStyle = theme.halo;
  context.lineWidth = size * 0.9;
  context.stroke();
  context.strokeStyle = theme.wrong;
  context.lineWidth = size * 0.5;
  context.stroke();
  const [crossX, crossY] = [x + ring * 0.8, y + ring * 0.8];
  const reach = size * 0.55;
  context.beginPath();
  context.arc(crossX, crossY, size * 1.1, 0, 2 * Math.PI);
  context.fillStyle = theme.wrong;
  context.fill();
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(crossX - reach, crossY - side * reach);
    context.lineTo(crossX + reach, crossY + side * reach);
  }
  context.strokeStyle = theme.dark ? "#000" : "#fff";
  context.lineWidth = size * 0.42;
  context.stroke();
}

function describeBoundary(panel) {
  const { right, is_test: isTest } = panel.arrays;
  const total = isTest.values.length;
  const tests = isTest.values.reduce((sum, value) => sum + value, 0);
  const parts = [`${panel.title}.`];
  if (tests && tests < total) parts.push(`${total - tests} training and ${tests} test points.`);
  if (!right) {
    const { target, answer } = panel.arrays;
    const errors = target.values.map((value, i) => Math.abs(value - answer.values[i]));
    const mean = errors.reduce((sum, value) => sum + value, 0) / Math.max(1, total);
    parts.push(`Outputs differ from the targets of ${total} points by ${short(mean)} on average.`);
    return parts.join(" ");
  }
  const correct = right.values.reduce((sum, value) => sum + value, 0);
  if (panel.kind === "classes") {
    parts.push(`${correct} of ${total} points lie in the region of their class.`);
  } else {
    parts.push(
      `${correct} of ${total} points lie on their side of the threshold ${panel.threshold}. ` +
        "Circles have target 0, squares target 1.",
    );
  }
  return parts.join(" ");
}
