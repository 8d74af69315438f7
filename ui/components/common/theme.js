// The colours of Streamlit's theme, and those that follow from them.

import { brightness, CLASS_COLORS, css, MIDDLE, mix, pixelTable, regionTable } from "./colors.js";

let normalizer = null;

/** Any CSS colour as [red, green, blue]. */
export function toRgb(color) {
  normalizer ??= document.createElement("canvas").getContext("2d");
  normalizer.fillStyle = "#000";
  normalizer.fillStyle = color;
  const normal = normalizer.fillStyle;
  if (normal.startsWith("#")) {
    return [1, 3, 5].map((start) => parseInt(normal.slice(start, start + 2), 16));
  }
  return normal.match(/[\d.]+/g).slice(0, 3).map(Number);
}

let lastTheme = { key: "" };

/**
 * The theme where an element stands. The page is asked at each frame, because the user may change
 * the theme at any time; what follows from it is computed anew only then.
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const background = style.getPropertyValue("--st-background-color") || "#ffffff";
  const text = style.getPropertyValue("--st-text-color") || "#31333f";
  const font = style.fontFamily;
  const key = `${background}|${text}|${font}`;
  if (key !== lastTheme.key) lastTheme = { key, font, ...colorsFrom(toRgb(background), toRgb(text)) };
  return lastTheme;
}

function colorsFrom(ground, ink) {
  const dark = brightness(ground) < 128;
  // Blue and orange stay apart in every common kind of colour blindness.
  const positive = dark ? [78, 168, 245] : [0, 104, 183];
  const negative = dark ? [250, 150, 50] : [222, 98, 0];
  const neutral = dark ? mix(ground, ink, 0.1) : [246, 246, 246];
  const classes = CLASS_COLORS.map(toRgb);
  return {
    dark,
    ground,
    ink,
    positive,
    negative,
    neutral,
    text: css(ink),
    faint: css(mix(ground, ink, 0.66)),
    line: css(mix(ground, ink, 0.2)),
    background: css(ground),
    halo: css(ground, 0.85),
    plate: css(ground, 0.92),
    wrong: dark ? "#ff6b9d" : "#c2004e",
    right: dark ? "#4fd1a5" : "#00795a",
    diverging: pixelTable((i) =>
      mix(neutral, i < MIDDLE ? negative : positive, Math.min(1, Math.abs(i - MIDDLE) / MIDDLE)),
    ),
    gray: pixelTable((i) => mix(ground, ink, i / 255)),
    classes: classes.map((color) => (dark ? mix(color, [255, 255, 255], 0.2) : color)),
    regions: classes.map((color) => regionTable(neutral, color)),
  };
}
