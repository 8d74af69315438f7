// Images: the weights from the pixels of each unit, and examples with the network's answer.

class PicturesDrawing {
  constructor() {
    this.bitmaps = [];
  }

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
    drawScale(surface, { threshold: 0, reach: panel.reach }, 0, y, scaleWidth);
  }
}

function describePictures(panel) {
  const [count, rows, columns] = panel.arrays.images.shape;
  return (
    `${panel.title}. ${rows} by ${columns} weights of ${count} of ${panel.total} units, ` +
    `blue positive, orange negative, from ${fixed(-panel.reach)} to ${fixed(panel.reach)}.`
  );
}

class ExamplesDrawing {
  constructor() {
    this.bitmaps = [];
  }

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
    const { context, theme, unit, width } = surface;
    const { images, outputs } = panel.arrays;
    const [, rows, columns] = images.shape;
    const classes = panel.classes.length;
    const { across, cardWidth, side, gap, cardHeight } = this.arrange(panel, width, unit);
    panel.labels.forEach((label, i) => {
      const x = (i % across) * (cardWidth + gap);
      const y = Math.floor(i / across) * (cardHeight + gap);
      const start = i * rows * columns;
      const bitmap = bitmapFor(this.bitmaps, i);
      bitmap.fill(columns, rows, false, (at) => theme.gray[images.values[start + at]]);
      bitmap.drawPixels(context, x, y, side, side);
      context.setLineDash([]);
      context.lineWidth = 1;
      context.strokeStyle = theme.line;
      context.strokeRect(x + 0.5, y + 0.5, side - 1, side - 1);

      const barsX = x + side + unit * 0.6;
      const barsWidth = Math.min(cardWidth - side - unit * 0.6, unit * 10);
      const pitch = barsWidth / classes;
      const floor = y + side - unit * 1.1;
      surface.setFont(0.72);
      const isNamed = panel.classes.every((name) => context.measureText(name).width < pitch);
      for (let c = 0; c < classes; c++) {
        const share = Math.min(1, Math.max(0, outputs.values[i * classes + c] || 0));
        const left = barsX + c * pitch + pitch * 0.12;
        context.fillStyle = css(theme.neutral);
        context.fillRect(left, y, pitch * 0.76, floor - y);
        context.fillStyle = c === panel.answers[i] ? css(theme.positive) : theme.faint;
        context.fillRect(left, floor, pitch * 0.76, share * (y - floor));
        if (c === label) {
          context.strokeStyle = theme.text;
          context.lineWidth = 1.5;
          context.strokeRect(left, y, pitch * 0.76, floor - y);
        }
        if (isNamed) {
          surface.write(panel.classes[c], left + pitch * 0.38, floor + unit * 0.6, {
            color: c === label ? theme.text : theme.faint,
          });
        }
      }
      const right = panel.right[i];
      const share = outputs.values[i * classes + panel.answers[i]];
      const answer = `${right ? "✓" : "✗"} ${panel.classes[panel.answers[i]]}`;
      const rest = `${Math.round(100 * share)} %${right ? "" : `, is ${panel.classes[label]}`}`;
      surface.setFont(0.85, 600);
      surface.write(answer, x, y + side + unit, {
        align: "left", color: right ? theme.right : theme.wrong,
      });
      const restX = Math.max(barsX, x + context.measureText(answer).width + unit * 0.6);
      surface.setFont(0.8);
      surface.write(rest, restX, y + side + unit, { align: "left", color: theme.faint });
    });
  }
}

function describeExamples(panel) {
  const right = panel.right.filter(Boolean).length;
  const wrong = panel.labels
    .map((label, i) => [label, panel.answers[i]])
    .filter(([label, answer]) => label !== answer)
    .slice(0, 8)
    .map(([label, answer]) => `${panel.classes[label]} taken for ${panel.classes[answer]}`);
  return (
    `${panel.title}: ${right} of ${panel.labels.length} right.` +
    (wrong.length ? ` Wrong: ${wrong.join(", ")}.` : "")
  );
}
