// What the network makes of the drawing: the steps to its input, its guesses, and its units.

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function percent(share) {
  if (!Number.isFinite(share)) return "–";
  return share > 0 && share < 0.001 ? "< 0.1 %" : `${(100 * share).toFixed(1)}\u00a0%`;
}

function signed(value) {
  if (!Number.isFinite(value)) return "–";
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toPrecision(3)}`;
}

// A list of boxes that is as long as it has to be; made once, filled again and again.
function resize(parent, boxes, count, makeBox) {
  while (boxes.length > count) boxes.pop().root.remove();
  while (boxes.length < count) {
    boxes.push(makeBox());
    parent.append(boxes.at(-1).root);
  }
}

function thumbnail(className) {
  const canvas = make("canvas", "");
  const title = make("strong", "");
  const text = make("span", "");
  return { root: make("figure", className, canvas, make("figcaption", "", title, text)), canvas, title, text, bitmap: new Bitmap() };
}

// Pixels in a canvas, with the marks that say what is done with them.
function paintPixels(box, table, { values, shape }, { frame, cross, goal } = {}, theme) {
  const [rows, columns] = shape;
  const side = box.canvas.clientWidth || 96;
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(side * ratio);
  const height = Math.round((side * ratio * rows) / columns);
  if (box.canvas.width !== width) box.canvas.width = width;
  if (box.canvas.height !== height) box.canvas.height = height;
  const context = box.canvas.getContext("2d");
  box.bitmap.fill(columns, rows, false, (at) => table[values[at]]);
  box.bitmap.drawPixels(context, 0, 0, width, height);
  context.lineWidth = 1.5 * ratio;
  if (frame) {
    const [top, left, bottom, right] = frame;
    context.strokeStyle = css(theme.positive);
    context.strokeRect(left * width, top * height, (right - left) * width, (bottom - top) * height);
  }
  const mark = ([row, column], color, reach) => {
    const [x, y, arm] = [column * width, row * height, reach * ratio];
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(x - arm, y);
    context.lineTo(x + arm, y);
    context.moveTo(x, y - arm);
    context.lineTo(x, y + arm);
    context.stroke();
  };
  if (goal) mark(goal, theme.faint, 9);
  if (cross) mark(cross, css(theme.negative), 6);
}

class Answer {
  constructor() {
    this.guess = make("p", "guess");
    this.second = make("p", "second");
    this.lesson = make("p", "lesson");
    this.bars = make("div", "bars");
    this.bars.setAttribute("role", "list");
    this.steps = make("div", "steps");
    this.unitsTitle = make("h4", "");
    this.units = make("div", "units");
    this.note = make("p", "note");
    this.side = make("div", "answer", this.guess, this.second, this.bars, this.lesson);
    this.below = make("div", "", this.unitsTitle, this.units, this.note);
    [this.barBoxes, this.stepBoxes, this.unitBoxes] = [[], [], []];
  }

  paint(frame, theme) {
    const arrays = frame.panels[0].arrays;
    const { names, ranking, probabilities } = frame;
    const isEmpty = frame.is_empty;
    const [first, second] = ranking;
    setText(this.guess, isEmpty ? "Draw a digit." : `${names[first]}  ${percent(probabilities[first])}`);
    setText(
      this.second,
      isEmpty ? "The answer follows your hand." : `Second guess: ${names[second]}, ${percent(probabilities[second])}`,
    );
    setText(this.lesson, frame.lesson);
    resize(this.bars, this.barBoxes, names.length, () => {
      const name = make("span", "name");
      const fill = make("span", "fill");
      const value = make("span", "value");
      const root = make("div", "bar", name, make("span", "track", fill), value);
      root.setAttribute("role", "listitem");
      return { root, name, fill, value };
    });
    names.forEach((name, i) => {
      const box = this.barBoxes[i];
      setText(box.name, name);
      setText(box.value, isEmpty ? "–" : percent(probabilities[i]));
      box.fill.style.width = isEmpty ? "0" : `${100 * Math.max(0, Math.min(1, probabilities[i] || 0))}%`;
      box.root.classList.toggle("first", !isEmpty && i === first);
      box.root.classList.toggle("second", !isEmpty && i === second);
    });
    resize(this.steps, this.stepBoxes, frame.steps.length, () => thumbnail("step"));
    frame.steps.forEach((step, i) => {
      const box = this.stepBoxes[i];
      setText(box.title, step.title);
      setText(box.text, step.text);
      paintPixels(box, theme.gray, arrays[`step${i}`], step, theme);
    });
    setText(this.unitsTitle, frame.units_title);
    setText(this.note, frame.note);
    const kind = arrays.units ? "unit" : "unit plain";
    resize(this.units, this.unitBoxes, frame.units.length, () => thumbnail(kind));
    frame.units.forEach((unit, i) => {
      const box = this.unitBoxes[i];
      box.root.className = kind;
      box.root.classList.toggle("against", unit.contribution < 0);
      setText(box.title, `${unit.name}  ${signed(unit.contribution)}`);
      setText(box.text, unit.text);
      box.canvas.hidden = !arrays.units;
      if (arrays.units) {
        const [, rows, columns] = arrays.units.shape;
        const values = arrays.units.values.subarray(i * rows * columns, (i + 1) * rows * columns);
        paintPixels(box, theme.diverging, { values, shape: [rows, columns] }, {}, theme);
      }
    });
  }

  // In words, for those who do not see the bars.
  describe(frame) {
    if (frame.is_empty) return "The square is empty.";
    const { names, ranking, probabilities } = frame;
    const [first, second] = ranking;
    return (
      `First guess ${names[first]}, ${percent(probabilities[first])}; ` +
      `second ${names[second]}, ${percent(probabilities[second])}.`
    );
  }
}
