// Images of weights: those from the pixels to each unit, or the filters of a layer.

import { bitmapFor } from "../../common/bitmap.js";
import { drawColorScale } from "../../common/color_scale.js";
import { fixed } from "../../common/number_text.js";

export class WeightImagesDrawing {
  constructor() {
    this.bitmaps = [];
  }

  /** Sizes in CSS pixels of the images, and the height that all of them need. */
  arrange(panel, width, unit) {
    const [count, rows, columns] = panel.arrays.images.shape;
    const gap = unit * 0.4;
    const wanted = unit * 5;
    const across = Math.max(1, Math.min(count, Math.floor((width + gap) / (wanted + gap))));
    const side = Math.min((width + gap) / across - gap, unit * 8);
    const down = Math.ceil(count / across);
    const tall = (side * rows) / columns;
    const scaleHeight = unit * 2;
    return { across, side, tall, gap, height: down * (tall + gap) + scaleHeight };
  }

  draw(surface, panel) {
    const { context, theme, unit, width } = surface;
    const { images } = panel.arrays;
    const [count, rows, columns] = images.shape;
    const { across, side, tall, gap } = this.arrange(panel, width, unit);
    for (let i = 0; i < count; i++) {
      const x = (i % across) * (side + gap);
      const y = Math.floor(i / across) * (tall + gap);
      const start = i * rows * columns;
      const bitmap = bitmapFor(this.bitmaps, i);
      bitmap.fill(columns, rows, false, (at) => theme.diverging[images.values[start + at]]);
      bitmap.drawPixels(context, x, y, side, tall);
    }
    const y = Math.ceil(count / across) * (tall + gap) + unit * 0.2;
    const scaleWidth = Math.min(width, unit * 16);
    drawColorScale(surface, { threshold: 0, reach: panel.reach }, 0, y, scaleWidth);
  }
}

/** How many images there are, and between which numbers their colours go. */
export function describeWeightImages(panel) {
  const [count, rows, columns] = panel.arrays.images.shape;
  return (
    `${panel.title}. ${rows} by ${columns} weights of ${count} of ${panel.total} units, ` +
    `blue positive, orange negative, from ${fixed(-panel.reach)} to ${fixed(panel.reach)}.`
  );
}
