import assert from "node:assert/strict";
import { test } from "node:test";

import {
  describeBoundary, describePlace, describePoint,
} from "../../ui/components/network_view/boundary/boundary_description.js";
import { layOutSquares } from "../../ui/components/network_view/boundary/boundary_drawing.js";
import { BoundarySelection } from "../../ui/components/network_view/boundary/boundary_selection.js";
import { sceneOf } from "../../ui/components/network_view/boundary/scene.js";

// XOR, with an output that is the first input.
const PANEL = {
  title: "Output", kind: "binary", names: ["A", "B"], squares: [""], low: 0, high: 1,
  threshold: 0.5, reach: 0.5,
  arrays: {
    field: { values: new Float32Array([0, 1, 0, 1]), shape: [1, 2, 2] },
    points: { values: new Float32Array([0, 0, 0, 1, 1, 0, 1, 1]), shape: [4, 2] },
    square: { values: new Uint8Array(4), shape: [4] },
    target: { values: new Float32Array([0, 1, 1, 0]), shape: [4] },
    answer: { values: new Float32Array([0, 0, 1, 1]), shape: [4] },
    right: { values: new Uint8Array([1, 0, 1, 0]), shape: [4] },
    is_test: { values: new Uint8Array(4), shape: [4] },
  },
};

test("the picture of the plane is put into words", () => {
  assert.equal(
    describeBoundary(PANEL),
    "Output. 2 of 4 points lie on their side of the threshold 0.5. " +
      "Circles have target 0, squares target 1.",
  );
  const scene = sceneOf(PANEL);
  assert.equal(describePoint(scene, 1), "point A = 0, B = 1.00: target 1.00, output 0 ✗ wrong");
  assert.equal(describePlace(scene, { square: 0, x1: 0.25, x2: 0.5 }), "output ≈ 0.250");
});

test("squares are as large as the canvas allows, and lie within it", () => {
  for (const [width, height] of [[800, 300], [300, 800], [500, 500]]) {
    const layout = layOutSquares({ unit: 10, width, height }, { squares: ["a", "b"], low: 0, high: 1 });
    assert.equal(layout.squares.length, 2);
    for (const { x, y, side } of layout.squares) {
      assert.ok(x >= 0 && y >= 0 && x + side <= width && y + side <= height);
    }
    const [first, second] = layout.squares;
    const isWide = width >= height;
    assert.ok(isWide ? second.x > first.x + first.side : second.y > first.y + first.side);
  }
  assert.deepEqual(layOutSquares({ unit: 10, width: 30, height: 30 }, sceneOf(PANEL)).squares, []);
});

test("a pixel and its place in the plane lead to each other", () => {
  const selection = new BoundarySelection();
  selection.scene = sceneOf(PANEL);
  selection.squares = [{ number: 0, x: 100, y: 20, side: 200 }];
  assert.deepEqual(selection.targetAt(150, 170), { square: 0, x1: 0.25, x2: 0.25 });
  assert.equal(selection.targetAt(99, 20), null);
  assert.equal(selection.pointAt(103, 24), 1);
  selection.hasFocus = true;
  selection.startCursor();
  assert.deepEqual(selection.tooltipPlace(), { x: 200, y: 120 });
  selection.moveCursor("ArrowUp", PANEL, true);
  assert.ok(Math.abs(selection.cursor[1] - (0.5 + 5 / 60)) < 1e-12);
  for (let i = 0; i < 99; i++) selection.moveCursor("ArrowRight", PANEL, false);
  assert.equal(selection.cursor[0], 1, "the crosshair stays in the square");
});
