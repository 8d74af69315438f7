import assert from "node:assert/strict";
import { test } from "node:test";

import { decodeFrame } from "../../ui/components/common/frame_bytes.js";

// By hand, after the docstring of nn_core.charts.live.packing.pack.
function packed(head, blocks) {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const padded = [text, ...blocks].map((block) =>
    Buffer.concat([block, Buffer.alloc((4 - (block.length % 4)) % 4)]),
  );
  return Buffer.concat([length, ...padded]);
}

const HEAD = {
  seq: 7,
  panels: [{ name: "network", title: "Network" }, { name: "loss", title: "µ" }],
  arrays: {
    "network/weight0": { dtype: "float32", shape: [1, 2], offset: 0 },
    "network/bytes": { dtype: "uint8", shape: [3], offset: 8 },
    "loss/steps0": { dtype: "float64", shape: [1], offset: 12 },
  },
};
const BLOCKS = [
  Buffer.from(new Float32Array([0.5, -2]).buffer),
  Buffer.from([0, 127, 254]),
  Buffer.from(new Float64Array([16777217]).buffer),
];

test("each array is found in its panel, with its shape", () => {
  const { seq, panels } = decodeFrame(new Uint8Array(packed(HEAD, BLOCKS)));
  const [network, loss] = panels;
  assert.equal(seq, 7);
  assert.equal(loss.title, "µ");
  assert.deepEqual(network.arrays.weight0, { values: new Float32Array([0.5, -2]), shape: [1, 2] });
  assert.deepEqual(network.arrays.bytes.values, new Uint8Array([0, 127, 254]));
  assert.equal(loss.arrays.steps0.values[0], 16777217, "float64 holds what float32 would round");
});

test("the bytes may begin anywhere in a message", () => {
  const bytes = packed(HEAD, BLOCKS);
  for (let offset = 0; offset < 4; offset++) {
    const message = new Uint8Array(bytes.length + offset);
    message.set(bytes, offset);
    const [network] = decodeFrame(message.subarray(offset)).panels;
    assert.deepEqual([...network.arrays.weight0.values], [0.5, -2]);
  }
});
