// Examples of the data: each image with the network's answer.

import { bitmapFor } from "../../common/bitmap.js";
import { css } from "../../common/colors.js";

export class ExamplesDrawing {
  constructor() {
    this.bitmaps = [];
  }

  /** Sizes in CSS pixels of the cards, and the height that all of them need. */
  arrange(panel, width, unit) {
    const count = panel.labels.length;
    const gap = unit * 1.2;
    const across = Math.max(1, Math.min(count, Math.floor((width + gap) / (unit * 11 + gap))));
    const cardWidth = (width + gap) / across - gap;
    const side = Math.min(unit * 5, cardWidth * 0.42);
    const cardHeight = side + unit * 1.8;
    return {
      across, cardWidth, side, gap, cardHeight,
      height: Math.ceil(count / across) * (cardHeight + gap) - gap + unit * 0.4,
    };
  }

  draw(surface, panel) {
    const { unit, width } = surface;
    const { across, cardWidth, side, gap, cardHeight } = this.arrange(panel, width, unit);
    panel.labels.forEach((_, i) => {
      const x = (i % across) * (cardWidth + gap);
      const y = Math.floor(i / across) * (cardHeight + gap);
      const barsX = x + side + unit * 0.6;
      const barsWidth = Math.min(cardWidth - side - unit * 0.6, unit * 10);
      this.drawImage(surface, panel.arrays.images, i, { x, y, side });
      drawBars(surface, panel, i, { x: barsX, y, width: barsWidth, floor: y + side - unit * 1.1 });
      writeAnswer(surface, panel, i, { x, y: y + side + unit, restX: barsX });
    });
  }

  drawImage({ context, theme }, { values, shape }, i, { x, y, side }) {
    const [, rows, columns] = shape;
    const start = i * rows * columns;
    const bitmap = bitmapFor(this.bitmaps, i);
    bitmap.fill(columns, rows, false, (at) => theme.gray[values[start + at]]);
    bitmap.drawPixels(context, x, y, side, side);
    context.setLineDash([]);
    context.lineWidth = 1;
    context.strokeStyle = theme.line;
    context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);
  }
}

// A bar for the probability of each class; the true class has a frame.
function drawBars(surface, panel, i, { x, y, width, floor }) {
  const { context, theme, unit } = surface;
  const { values } = panel.arrays.outputs;
  const count = panel.classes.length;
  const pitch = width / count;
  surface.setFont(0.72);
  const isNamed = panel.classes.every((name) => context.measureText(name).width < pitch);
  for (let c = 0; c < count; c++) {
    const share = Math.min(1, Math.max(0, values[i * count + c] || 0));
    const left = x + c * pitch + pitch * 0.12;
    const isTrue = c === panel.labels[i];
    context.fillStyle = css(theme.neutral);
    context.fillRect(left, y, pitch * 0.76, floor - y);
    context.fillStyle = c === panel.answers[i] ? css(theme.positive) : theme.faint;
    context.fillRect(left, floor, pitch * 0.76, share * (y - floor));
    if (isTrue) {
      context.strokeStyle = theme.text;
      context.lineWidth = 1.5;
      context.strokeRect(left, y, pitch * 0.76, floor - y);
    }
    if (isNamed) {
      surface.write(panel.classes[c], left + pitch * 0.38, floor + unit * 0.6, {
        color: isTrue ? theme.text : theme.faint,
      });
    }
  }
}

function writeAnswer(surface, panel, i, { x, y, restX }) {
  const { context, theme, unit } = surface;
  const { classes, answers, labels } = panel;
  const isRight = panel.right[i];
  const share = panel.arrays.outputs.values[i * classes.length + answers[i]];
  const answer = `${isRight ? "✓" : "✗"} ${classes[answers[i]]}`;
  const rest = `${Math.round(100 * share)} %${isRight ? "" : `, is ${classes[labels[i]]}`}`;
  surface.setFont(0.85, 600);
  surface.write(answer, x, y, { align: "left", color: isRight ? theme.right : theme.wrong });
  const left = Math.max(restX, x + context.measureText(answer).width + unit * 0.6);
  surface.setFont(0.8);
  surface.write(rest, left, y, { align: "left", color: theme.faint });
}

/** How many are right, and what the wrong ones were taken for. */
export function describeExamples(panel) {
  const right = panel.right.filter(Boolean).length;
  const wrong = panel.labels
    .map((label, i) => [label, panel.answers[i]])
    .filter(([label, answer]) => label !== answer)
    .slice(0, 8)
    .map(([label, answer]) => `${panel.classes[label]} taken for ${panel.classes[answer]}`);
  const mistakes = wrong.length ? ` Wrong: ${wrong.join(", ")}.` : "";
  return `${panel.title}: ${right} of ${panel.labels.length} right.${mistakes}`;
}
