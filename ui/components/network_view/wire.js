// The bytes of nn_core/charts/live/frame.py, read back.

function decodeFrame(bytes) {
  // Streamlit hands out a view into a socket message, at any offset; typed arrays need a
  // multiple of 4. Hence the copy.
  const buffer = bytes.slice().buffer;
  const headLength = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, headLength)));
  const start = 4 + Math.ceil(headLength / 4) * 4;
  const panels = head.panels.map((panel) => ({ ...panel, arrays: {} }));
  const byName = new Map(panels.map((panel) => [panel.name, panel]));
  for (const [path, described] of Object.entries(head.arrays)) {
    const slash = path.lastIndexOf("/");
    const length = described.shape.reduce((product, size) => product * size, 1);
    const at = start + described.offset;
    const values =
      described.dtype === "uint8" ? new Uint8Array(buffer, at, length)
      : described.dtype === "float32" ? new Float32Array(buffer, at, length)
      : new Float64Array(buffer.slice(at, at + 8 * length)); // its place is a multiple of 4 only
    byName.get(path.slice(0, slash)).arrays[path.slice(slash + 1)] = {
      values,
      shape: described.shape,
    };
  }
  return { ...head, panels };
}
