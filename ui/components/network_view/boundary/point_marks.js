// Points of the data: a shape and a colour for each kind.

import { css, mix } from "../../common/colors.js";

const SHAPES = [
  "circle", "square", "triangle", "diamond", "down", "plus", "star", "cross", "hexagon", "bar",
];

/** The shape of a class, by its number. */
export function shapeOf(number) {
  return SHAPES[number % SHAPES.length];
}

/** The colour of a class, by its number. */
export function classColor(theme, number) {
  return css(theme.classes[number % theme.classes.length]);
}

/**
 * The shape and colour of a point, by its target: never by colour alone. A number has the shape of the
 * side of the middle that it is on.
 */
export function markOf(theme, scene, target) {
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

/** A point: filled for training, hollow for testing. */
export function drawMark(surface, x, y, size, shape, color, isHollow = false) {
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

/** A ring and a cross for a wrong answer; the cross is on the ring, where it hides no point. */
export function drawWrong(surface, x, y, size) {
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
