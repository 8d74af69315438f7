import assert from "node:assert/strict";
import { test } from "node:test";

import { Strokes } from "../../ui/components/draw_pad/strokes.js";

const ROOM = { most_strokes: 2, most_points: 4 };

test("a stroke keeps its points to four decimals, with their pressure", () => {
  const strokes = new Strokes();
  strokes.begin(0.08, 0.123456, 0.5, 1);
  strokes.add(0.2, 0.6, 0.30001);
  assert.deepEqual(strokes.strokes, [{ width: 0.08, points: [0.1235, 0.5, 1, 0.2, 0.6, 0.3] }]);
  assert.equal(strokes.count, 2);
});

test("a point too near to the last one is left out", () => {
  const strokes = new Strokes();
  strokes.begin(0.08, 0.5, 0.5, 1);
  assert.equal(strokes.add(0.503, 0.5, 1), false);
  assert.equal(strokes.add(0.505, 0.5, 1), true);
});

test("undo takes back a stroke, and a clear", () => {
  const strokes = new Strokes();
  strokes.begin(0.08, 0.1, 0.1, 1);
  strokes.begin(0.08, 0.9, 0.9, 1);
  strokes.clear();
  assert.equal(strokes.strokes.length, 0);
  const lengths = [];
  while (strokes.canUndo) {
    strokes.undo();
    lengths.push(strokes.strokes.length);
  }
  assert.deepEqual(lengths, [2, 1, 0]);
});

test("an empty square is not cleared again", () => {
  const strokes = new Strokes();
  strokes.clear();
  assert.equal(strokes.canUndo, false);
});

test("strokes that come back from the server can be undone one by one", () => {
  const [one, two] = [{ width: 0.08, points: [0, 0, 1] }, { width: 0.08, points: [1, 1, 1] }];
  const strokes = new Strokes([one, two]);
  strokes.undo();
  assert.deepEqual(strokes.strokes, [one]);
});

test("there is room up to the most strokes and the most points", () => {
  const strokes = new Strokes();
  assert.ok(strokes.hasRoom(ROOM, 1));
  strokes.begin(0.08, 0, 0, 1);
  strokes.begin(0.08, 1, 1, 1);
  assert.ok(strokes.hasRoom(ROOM));
  assert.ok(!strokes.hasRoom(ROOM, 1), "a third stroke");
  strokes.add(0.5, 0.5, 1);
  strokes.add(0.2, 0.2, 1);
  assert.ok(!strokes.hasRoom(ROOM), "a fifth point");
});

test("a stroke of one point is painted as a dot, as wide as the pen", () => {
  const calls = [];
  const context = {
    beginPath() {},
    moveTo: (...place) => calls.push(["from", ...place]),
    lineTo: (...place) => calls.push(["to", ...place]),
    stroke() {
      calls.push(["width", this.lineWidth]);
    },
  };
  new Strokes([{ width: 0.1, points: [0.5, 0.25, 0.5] }]).paint(context, 200);
  assert.deepEqual(calls, [["from", 100, 50], ["to", 100.01, 50], ["width", 10]]);
});
