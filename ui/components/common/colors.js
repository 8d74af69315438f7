// Colours as [red, green, blue] from 0 to 255, and tables of packed pixels.

/** The byte that stands for 0: Python writes signed values as bytes from 0 to 254. */
export const MIDDLE = 127;

// Okabe and Ito's colours, which stay apart in every common kind of colour blindness; beyond
// eight classes the shapes of the points still tell them apart.
export const CLASS_COLORS = [
  "#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7b6d3a", "#7a52c7",
  "#6b6b6b", "#a0b000",
];

/** Steps from a class that is hardly preferred to one that is certain. */
export const REGION_LEVELS = 40;

/** The colour at `share` (0 to 1) of the way between two. */
export function mix(from, to, share) {
  return from.map((value, i) => Math.round(value + (to[i] - value) * share));
}

export function css(rgb, alpha = 1) {
  return `rgba(${rgb[0]},${rgb[1]},${rgb[2]},${alpha})`;
}

/** How bright a colour looks, from 0 to 255. */
export function brightness([red, green, blue]) {
  return 0.3 * red + 0.59 * green + 0.11 * blue;
}

/** The byte of a signed share: -1 is 0, 0 is `MIDDLE`, 1 is 254; NaN is `MIDDLE`. */
export function signedByte(share) {
  if (Number.isNaN(share)) return MIDDLE;
  return Math.round(MIDDLE + MIDDLE * Math.min(1, Math.max(-1, share)));
}

/** A packed pixel for each byte. */
export function pixelTable(colorOf) {
  return packedPixels(256, colorOf);
}

/** Packed pixels for the ground of a class, one for each level from 0 to `REGION_LEVELS`. */
export function regionTable(neutral, color) {
  return packedPixels(REGION_LEVELS + 1, (level) =>
    mix(neutral, color, 0.12 + (0.58 * level) / REGION_LEVELS),
  );
}

function packedPixels(count, colorOf) {
  const pixels = new Uint32Array(count);
  const bytes = new Uint8Array(pixels.buffer);
  for (let i = 0; i < count; i++) bytes.set([...colorOf(i), 255], 4 * i);
  return pixels;
}
