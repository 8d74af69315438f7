// The rows of the data as a real table: tests and screen readers read what the eye sees.

import { brightness, css, mix } from "../../common/colors.js";
import { make, setData, setText } from "../../common/elements.js";
import { fixed, withMinus } from "../../common/number_text.js";

const MANY_CELLS = 300; // a table with more cells is rewritten four times a second at most
const MANY_CLASSES = 16; // with more, the cells of a matrix are colours without numbers
const LEVELS = 40; // of a cell's colour
const MOST_BESIDE_ROWS = 8;

/** Whether a table is small enough to stand below the curves, in their column. */
export function canStandBeside({ type, kind, inputs, output_names: outputs }) {
  return (
    type === "table" &&
    kind === "binary" &&
    inputs.length <= MOST_BESIDE_ROWS &&
    outputs.length === 1
  );
}

export class TableDrawing {
  constructor(box) {
    this.box = box;
    this.structure = "";
    this.drawnAt = 0;
  }

  /** Writes what has changed; `isAtRest` where no further frame will come. */
  draw(theme, panel, isAtRest) {
    const structure = JSON.stringify([
      panel.kind, panel.input_names, panel.output_names, panel.inputs, panel.targets,
      Boolean(panel.probabilities),
    ]);
    if (structure !== this.structure) {
      this.structure = structure;
      this.build(panel);
      this.drawnAt = 0;
    }
    const cells = panel.inputs.length * panel.output_names.length;
    const now = performance.now();
    if (cells > MANY_CELLS && !isAtRest && now - this.drawnAt < 250) return;
    this.drawnAt = now;
    if (panel.kind === "classes") this.updateMatrix(theme, panel);
    else this.updateRows(panel);
  }

  build(panel) {
    const isMatrix = panel.kind === "classes";
    const isCrowded = isMatrix && panel.output_names.length > MANY_CLASSES;
    const table = make("table", isMatrix ? "rows matrix" : "rows");
    table.classList.toggle("crowded", isCrowded);
    table.createCaption().textContent = panel.title;
    const headRow = table.createTHead().insertRow();
    for (const [text, kind] of headings(panel, isMatrix, isCrowded)) {
      const cell = make("th", kind, text);
      cell.scope = "col";
      headRow.append(cell);
    }
    const body = table.createTBody();
    this.rows = panel.inputs.map((inputs, index) => {
      const row = body.insertRow();
      row.dataset.row = index;
      row.dataset.inputs = inputs.join(" ");
      for (const value of isCrowded ? [inputs.join(" ")] : inputs) addCell(row, value, "input");
      return isMatrix ? matrixRow(row, panel, index) : numberRow(row, panel, index);
    });
    this.box.replaceChildren(table);
  }

  updateRows(panel) {
    this.rows.forEach(({ row, answers, mark }, index) => {
      answers.forEach(({ output, probability, answer }, at) => {
        setText(output, fourDecimals(panel.outputs[index][at]));
        if (probability) setText(probability, fourDecimals(panel.probabilities[index][at]));
        const text = panel.errors
          ? signed(panel.errors[index][at])
          : plainNumber(panel.answers[index][at]);
        setText(answer, text);
      });
      // The numbers as they came, to the last digit.
      setData(row, "output", panel.outputs[index].join(" "));
      if (panel.probabilities) setData(row, "probability", panel.probabilities[index].join(" "));
      if (panel.errors) return; // a number is near or far, not right or wrong
      setData(row, "answer", panel.answers[index].map(plainNumber).join(" "));
      setMark(row, mark, panel.right[index]);
    });
  }

  updateMatrix(theme, panel) {
    const { values, shape } = panel.arrays.outputs;
    const columns = shape[1];
    const isNewTheme = this.themeKey !== theme.key;
    this.themeKey = theme.key;
    this.rows.forEach(({ row, cells, answer, mark }, index) => {
      const chosen = panel.answers[index];
      cells.forEach((cell, at) => {
        const value = values[index * columns + at];
        setText(cell, columns > MANY_CLASSES ? "" : fixed(value));
        setData(cell, "output", String(value));
        colorCell(cell, theme, value, isNewTheme);
        if (cell.isChosen !== (at === chosen)) {
          cell.isChosen = at === chosen;
          cell.classList.toggle("chosen", cell.isChosen);
        }
      });
      setText(answer, panel.output_names[chosen]);
      setData(row, "answer", panel.output_names[chosen]);
      setMark(row, mark, panel.right[index]);
    });
  }
}

// [text, class] of each column.
function headings(panel, isMatrix, isCrowded) {
  const inputs = (isCrowded ? ["inputs"] : panel.input_names).map((name) => [name, "input"]);
  const right = panel.errors ? [] : [["right?", ""]];
  if (isMatrix) {
    const outputs = panel.output_names.map((name) => [name, "probability"]);
    return [...inputs, ["target", ""], ...outputs, ["answer", ""], ...right];
  }
  const numbers = panel.probabilities ? ["logit", "probability"] : ["output"];
  const answer = panel.errors ? "output − target" : panel.kind === "number" ? "rounded" : "class";
  const outputs = panel.output_names.flatMap((name) =>
    ["target", ...numbers, answer].map((heading) => [
      panel.output_names.length > 1 ? `${heading} ${name}` : heading, "",
    ]),
  );
  return [...inputs, ...outputs, ...right];
}

function matrixRow(row, panel, index) {
  const target = panel.targets[index];
  row.dataset.target = panel.output_names[target];
  addCell(row, panel.output_names[target], "target");
  const cells = panel.output_names.map((_, at) =>
    addCell(row, "", at === target ? "probability wanted" : "probability"),
  );
  return { row, cells, answer: addCell(row), mark: addCell(row, "", "mark") };
}

function numberRow(row, panel, index) {
  const targets = panel.targets[index].map(plainNumber);
  const answers = targets.map((target) => {
    addCell(row, target, "target");
    const output = addCell(row, "", "output");
    const probability = panel.probabilities ? addCell(row, "", "output") : null;
    return { output, probability, answer: addCell(row) };
  });
  row.dataset.target = targets.join(" ");
  return { row, answers, mark: panel.errors ? null : addCell(row, "", "mark") };
}

function addCell(row, text = "", className = "") {
  const cell = row.insertCell();
  cell.textContent = text;
  cell.className = className;
  return cell;
}

function colorCell(cell, theme, value, isNewTheme) {
  const level = Math.round(LEVELS * Math.min(1, Math.max(0, value || 0)));
  if (cell.level === level && !isNewTheme) return;
  cell.level = level;
  const ground = mix(theme.neutral, theme.positive, level / LEVELS);
  cell.style.backgroundColor = css(ground);
  cell.style.color = brightness(ground) > 130 ? "#111" : "#fff";
}

function setMark(row, mark, isRight) {
  setText(mark, isRight ? "✓ right" : "✗ wrong");
  setData(row, "right", String(isRight));
}

// In the head of a frame, null stands for NaN.
function plainNumber(value) {
  return value === null ? "NaN" : withMinus(value);
}

function fourDecimals(value) {
  return value === null ? "NaN" : fixed(value, 4);
}

function signed(value) {
  return (value > 0 ? "+" : "") + fourDecimals(value);
}
