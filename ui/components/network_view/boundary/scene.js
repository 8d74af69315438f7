// A scene: what is drawn in the input square. The output with the points of the data, or, enlarged,
// what one unit answers there.

import { MIDDLE } from "../../common/colors.js";
import { responseOf, unitName } from "../network/network_values.js";

/** The scene of the output, from a boundary panel. */
export function sceneOf(panel) {
  const { field, points, square, target, answer, right, is_test: isTest, lines } = panel.arrays;
  return {
    ...panel,
    panel,
    field,
    points: points.values, // x1 and x2 of each point
    pointSquares: square.values, // the number of the square that each point belongs to
    target: target.values,
    answer: answer.values,
    right: right?.values,
    isTest: isTest.values,
    hasBoth: hasBothKinds(panel),
    hasContour: true,
    lines,
  };
}

/** Whether a boundary panel has both training and test points. */
export function hasBothKinds(panel) {
  const tests = testCount(panel);
  return tests > 0 && tests < panel.arrays.is_test.values.length;
}

export function testCount(panel) {
  return panel.arrays.is_test.values.reduce((sum, value) => sum + value, 0);
}

/**
 * The scene of one unit: its answers over the plane, with the points of the boundary panel.
 *
 * @param {object} panel the network panel
 * @param {{layer: number, index: number}} node the unit
 * @param {object} boundary the boundary panel
 */
export function sceneOfUnit(panel, node, boundary) {
  const { layer, index } = node;
  const scale = layer > 0 ? panel.response_scales[layer - 1] : panel.input_scales[index];
  const reach = scale.high - scale.middle;
  const name = layer === 0 ? `input ${unitName(panel, 0, index)}` : unitName(panel, layer, index);
  const activation = layer > 0 ? panel.activations[layer - 1] : "";
  const points = sceneOf(boundary);
  return {
    ...panel.square,
    kind: "number",
    unit: name,
    title: activation ? `${name} · ${activation}` : name,
    output_name: name,
    squares: [""],
    threshold: scale.middle,
    reach,
    // A byte says too little about where a unit that is 0 over half the plane begins to rise.
    hasContour: !/relu/i.test(activation),
    field: fieldOfUnit(responseOf(panel, node), index, scale.middle, reach),
    points: points.points,
    // Of several squares, only the points of the first are on the plane of the units.
    pointSquares: points.pointSquares.map((square) =>
      points.squares.length > 1 ? square && 255 : 0,
    ),
    target: points.target,
    answer: points.answer,
    right: new Uint8Array(points.target.length).fill(1),
    isTest: points.isTest,
    hasBoth: points.hasBoth,
    pointKind: points.kind,
    pointMiddle: points.threshold,
    pointReach: points.reach,
  };
}

function fieldOfUnit({ values, shape }, index, middle, reach) {
  const [, rows, columns] = shape;
  const size = rows * columns;
  const bytes = values.subarray(index * size, (index + 1) * size);
  return {
    values: Float32Array.from(bytes, (byte) => middle + ((byte - MIDDLE) / MIDDLE) * reach),
    shape: [1, rows, columns],
  };
}
