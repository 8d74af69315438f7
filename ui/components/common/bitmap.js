// Pictures made of pixels.

/** One picture of packed pixels, kept between frames, to be stretched on a canvas. */
export class Bitmap {
  constructor() {
    this.canvas = document.createElement("canvas");
  }

  /** Fills `columns` x `rows` pixels; row 0 is drawn at the bottom if `upwards`. */
  fill(columns, rows, upwards, pixelAt) {
    if (this.canvas.width !== columns || this.canvas.height !== rows || !this.image) {
      this.canvas.width = columns;
      this.canvas.height = rows;
      this.context = this.canvas.getContext("2d");
      this.image = this.context.createImageData(columns, rows);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    for (let row = 0; row < rows; row++) {
      const target = (upwards ? rows - 1 - row : row) * columns;
      for (let column = 0; column < columns; column++) {
        this.pixels[target + column] = pixelAt(row * columns + column);
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  /** Samples lie on the edges of the square, not in the middle of cells: half a pixel is cut off. */
  drawSamples(context, x, y, width, height) {
    const columns = this.canvas.width;
    const rows = this.canvas.height;
    const cutX = columns > 1 ? 0.5 : 0;
    const cutY = rows > 1 ? 0.5 : 0;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "medium";
    context.drawImage(
      this.canvas, cutX, cutY, columns - 2 * cutX, rows - 2 * cutY, x, y, width, height,
    );
  }

  /** Pixels as sharp squares. */
  drawPixels(context, x, y, width, height) {
    context.imageSmoothingEnabled = false;
    context.drawImage(this.canvas, x, y, width, height);
  }
}

/** The bitmap that a cache holds under a key, made when it is first asked for. */
export function bitmapFor(cache, index) {
  return (cache[index] ??= new Bitmap());
}
