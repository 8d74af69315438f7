// The input square in words: points, places and the whole.

import { short } from "../../common/number_text.js";
import { interpolate, shareOf } from "./plane_geometry.js";
import { testCount } from "./scene.js";

/** One point: where it is, its target, and how it is answered. */
export function describePoint(scene, i) {
  const place = scene.names
    .map((name, axis) => `${name} = ${short(scene.points[2 * i + axis])}`)
    .join(", ");
  const kind = scene.hasBoth ? (scene.isTest[i] ? "test point" : "training point") : "point";
  if (scene.unit) return `${kind} ${place}`;
  const isClass = scene.kind === "classes";
  const target = isClass ? scene.classes[scene.target[i]] : short(scene.target[i]);
  const answer = isClass ? "probability of its answer" : "output";
  const verdict = !scene.right ? "" : scene.right[i] ? " ✓ right" : " ✗ wrong";
  const number = +scene.answer[i].toPrecision(6);
  return `${kind} ${place}: target ${target}, ${answer} ${number}${verdict}`;
}

/** What is answered at a place {square, x1, x2}; between samples, hence "about". */
export function describePlace(scene, { square, x1, x2 }) {
  const { values, shape } = scene.field;
  const [count, rows, columns] = shape;
  const [x, y] = [shareOf(scene, x1) * (columns - 1), shareOf(scene, x2) * (rows - 1)];
  const valueOf = (layer) => interpolate(values, layer * rows * columns, columns, rows, x, y);
  if (scene.kind !== "classes") return `${scene.unit ?? "output"} ≈ ${short(valueOf(square))}`;
  const all = scene.classes.map((name, i) => ({ name, value: i < count ? valueOf(i) : 0 }));
  const best = all.reduce((a, b) => (b.value > a.value ? b : a));
  return `${best.name}, probability ≈ ${short(best.value)}`;
}

/** A boundary panel: how many points there are, and how many are answered rightly. */
export function describeBoundary(panel) {
  const { right, is_test: isTest } = panel.arrays;
  const total = isTest.values.length;
  const tests = testCount(panel);
  const parts = [`${panel.title}.`];
  if (tests && tests < total) parts.push(`${total - tests} training and ${tests} test points.`);
  if (!right) return [...parts, describeErrors(panel)].join(" ");
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

function describeErrors({ arrays: { target, answer } }) {
  const errors = target.values.map((value, i) => Math.abs(value - answer.values[i]));
  const mean = errors.reduce((sum, value) => sum + value, 0) / Math.max(1, errors.length);
  const count = errors.length;
  return `Outputs differ from the targets of ${count} points by ${short(mean)} on average.`;
}
