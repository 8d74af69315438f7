// Reads the bytes that nn_core/charts/live/packing.py writes.

/**
 * The head of a frame, with each array moved to the panel that it belongs to.
 *
 * @param {Uint8Array} bytes from Python's `pack`
 * @returns {object} the head; each of its `panels` has `arrays`: {name: {values, shape}}
 */
export function decodeFrame(bytes) {
  // Streamlit hands out a view into a socket message, at any offset; typed arrays need a
  // multiple of 4. Hence the copy.
  const buffer = bytes.slice().buffer;
  const headLength = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headLength)));
  const start = 4 + Math.ceil(headLength / 4) * 4;
  const panels = head.panels.map((panel) => ({ ...panel, arrays: {} }));
  const byName = new Map(panels.map((panel) => [panel.name, panel]));
  for (const [path, { dtype, shape, offset }] of Object.entries(head.arrays)) {
    const slash = path.lastIndexOf("/");
    const values = arrayAt(buffer, dtype, start + offset, elementCount(shape));
    byName.get(path.slice(0, slash)).arrays[path.slice(slash + 1)] = { values, shape };
  }
  return { ...head, panels };
}

function elementCount(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

function arrayAt(buffer, dtype, at, length) {
  if (dtype === "uint8") return new Uint8Array(buffer, at, length);
  if (dtype === "float32") return new Float32Array(buffer, at, length);
  return new Float64Array(buffer.slice(at, at + 8 * length)); // its place is a multiple of 4 only
}
