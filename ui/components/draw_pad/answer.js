// What the network makes of the drawing: the steps to its input, its guesses, and its units.

import { make, setText } from "../common/elements.js";
import { percent, signedText } from "./answer_text.js";
import { paintThumbnail, thumbnail } from "./thumbnails.js";

export class Answer {
  constructor() {
    this.guess = make("p", "guess");
    this.second = make("p", "second");
    this.lesson = make("p", "lesson");
    this.bars = make("div", "bars");
    this.bars.setAttribute("role", "list");
    this.steps = make("div", "steps");
    this.unitsTitle = make("h2");
    this.units = make("div", "units");
    this.note = make("p", "note");
    this.side = make("div", "answer", this.guess, this.second, this.bars, this.lesson);
    this.below = make("div", "", this.unitsTitle, this.units, this.note);
    [this.barBoxes, this.stepBoxes, this.unitBoxes] = [[], [], []];
  }

  paint(frame, theme) {
    this.paintGuesses(frame);
    this.paintBars(frame);
    setText(this.lesson, frame.lesson);
    const { arrays } = frame.panels[0];
    this.paintSteps(frame.steps, arrays, theme);
    setText(this.unitsTitle, frame.units_title);
    setText(this.note, frame.note);
    this.paintUnits(frame.units, arrays.units, theme);
  }

  paintGuesses({ is_empty: isEmpty, names, ranking, probabilities }) {
    const [first, second] = ranking;
    const guess = `${names[first]}  ${percent(probabilities[first])}`;
    const next = `Second guess: ${names[second]}, ${percent(probabilities[second])}`;
    setText(this.guess, isEmpty ? "Draw a digit." : guess);
    setText(this.second, isEmpty ? "The answer follows your hand." : next);
  }

  paintBars({ is_empty: isEmpty, names, ranking: [first, second], probabilities }) {
    resize(this.bars, this.barBoxes, names.length, newBar);
    names.forEach((name, i) => {
      const { root, label, fill, value } = this.barBoxes[i];
      const share = Math.max(0, Math.min(1, probabilities[i] || 0));
      setText(label, name);
      setText(value, isEmpty ? "–" : percent(probabilities[i]));
      fill.style.width = isEmpty ? "0" : `${100 * share}%`;
      root.classList.toggle("first", !isEmpty && i === first);
      root.classList.toggle("second", !isEmpty && i === second);
    });
  }

  paintSteps(steps, arrays, theme) {
    resize(this.steps, this.stepBoxes, steps.length, () => thumbnail("step"));
    steps.forEach((step, i) => {
      const box = this.stepBoxes[i];
      setText(box.title, step.title);
      setText(box.text, step.text);
      paintThumbnail(box, theme.gray, arrays[`step${i}`], step, theme);
    });
  }

  // Each unit with its weights as an image, where it has some.
  paintUnits(units, images, theme) {
    const className = images ? "unit" : "unit plain";
    resize(this.units, this.unitBoxes, units.length, () => thumbnail(className));
    units.forEach((unit, i) => {
      const box = this.unitBoxes[i];
      box.root.className = className;
      box.root.classList.toggle("against", unit.contribution < 0);
      setText(box.title, `${unit.name}  ${signedText(unit.contribution)}`);
      setText(box.text, unit.text);
      box.canvas.hidden = !images;
      if (!images) return;
      const [, rows, columns] = images.shape;
      const values = images.values.subarray(i * rows * columns, (i + 1) * rows * columns);
      paintThumbnail(box, theme.diverging, { values, shape: [rows, columns] }, {}, theme);
    });
  }
}

function newBar() {
  const [label, fill, value] = [make("span", "name"), make("span", "fill"), make("span", "value")];
  const root = make("div", "bar", label, make("span", "track", fill), value);
  root.setAttribute("role", "listitem");
  return { root, label, fill, value };
}

// Makes or removes boxes, so that there are `count` of them.
function resize(parent, boxes, count, makeBox) {
  while (boxes.length > count) boxes.pop().root.remove();
  while (boxes.length < count) {
    boxes.push(makeBox());
    parent.append(boxes.at(-1).root);
  }
}
