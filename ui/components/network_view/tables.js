// The rows as a real table: tests and screen readers read what the eye sees.

const CALM_CELLS = 300; // a table with more cells is rewritten four times a second at most

class TableDrawing {
  constructor(box) {
    this.box = box;
    this.structure = "";
    this.drawnAt = 0;
  }

  draw(theme, panel, atRest) {
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
    if (cells > CALM_CELLS && !atRest && now - this.drawnAt < 250) return;
    this.drawnAt = now;
    if (panel.kind === "classes") this.updateMatrix(theme, panel);
    else this.updateRows(panel);
  }

  build(panel) {
    const isMatrix = panel.kind === "classes";
    const several = panel.output_names.length > 1;
    const isCrowded = isMatrix && panel.output_names.length > 16;
    const inputNames = isCrowded ? ["inputs"] : panel.input_names;
    const heads = inputNames.map((name) => [name, "input"]);
    if (isMatrix) {
      heads.push(["target", ""]);
      for (const name of panel.output_names) heads.push([name, "probability"]);
      heads.push(["answer", ""]);
    } else {
      for (const name of panel.output_names) {
        const of = several ? ` ${name}` : "";
        heads.push([`target${of}`, ""]);
        if (panel.probabilities) heads.push([`logit${of}`, ""], [`probability${of}`, ""]);
        else heads.push([`output${of}`, ""]);
        heads.push([answerHead(panel) + of, ""]);
      }
    }
    if (!panel.errors) heads.push(["right?", ""]);
    const table = document.createElement("table");
    table.className = isMatrix ? "rows matrix" : "rows";
    table.classList.toggle("crowded", isCrowded);
    table.createCaption().textContent = panel.title;
    const headRow = table.createTHead().insertRow();
    for (const [text, kind] of heads) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      if (kind) cell.className = kind;
      headRow.append(cell);
    }
    const body = table.createTBody();
    this.rows = panel.inputs.map((inputs, index) => {
      const row = body.insertRow();
      row.dataset.row = index;
      row.dataset.inputs = inputs.join(" ");
      for (const value of isCrowded ? [inputs.join(" ")] : inputs) addCell(row, value, "input");
      if (isMatrix) {
        const target = panel.targets[index];
        row.dataset.target = panel.output_names[target];
        addCell(row, panel.output_names[target], "target");
        const cells = panel.output_names.map((name, at) =>
          addCell(row, "", at === target ? "probability wanted" : "probability"),
        );
        return { row, cells, answer: addCell(row), mark: addCell(row, "", "mark") };
      }
      const answers = panel.output_names.map((name, at) => {
        addCell(row, plain(panel.targets[index][at]), "target");
        const output = addCell(row, "", "output");
        const probability = panel.probabilities ? addCell(row, "", "output") : null;
        return { output, probability, answer: addCell(row) };
      });
      row.dataset.target = panel.targets[index].map(plain).join(" ");
      return { row, answers, mark: panel.errors ? null : addCell(row, "", "mark") };
    });
    this.box.replaceChildren(table);
  }

  updateRows(panel) {
    this.rows.forEach(({ row, answers, mark }, index) => {
      answers.forEach(({ output, probability, answer }, at) => {
        const value = panel.outputs[index][at];
        setText(output, value === null ? "NaN" : fixed(value, 4));
        if (probability) {
          const share = panel.probabilities[index][at];
          setText(probability, share === null ? "NaN" : fixed(share, 4));
        }
        setText(answer, panel.errors ? signed(panel.errors[index][at]) : plain(panel.answers[index][at]));
      });
      // The numbers as they came, to the last digit.
      setData(row, "output", panel.outputs[index].join(" "));
      if (panel.probabilities) {
        setData(row, "probability", panel.probabilities[index].join(" "));
      }
      if (panel.errors) return; // a number is near or far, not right or wrong
      setData(row, "answer", panel.answers[index].map(plain).join(" "));
      setMark(row, mark, panel.right[index]);
    });
  }

  updateMatrix(theme, panel) {
    const { values, shape } = panel.arrays.outputs;
    const columns = shape[1];
    const isNew = this.theme !== theme.key;
    this.theme = theme.key;
    this.rows.forEach(({ row, cells, answer, mark }, index) => {
      const chosen = panel.answers[index];
      cells.forEach((cell, at) => {
        const value = values[index * columns + at];
        setText(cell, columns > 16 ? "" : fixed(value));
        setData(cell, "output", String(value));
        const level = Math.round(40 * Math.min(1, Math.max(0, value || 0)));
        if (cell.level !== level || isNew) {
          cell.level = level;
          const ground = mix(theme.neutral, theme.positive, level / 40);
          cell.style.backgroundColor = css(ground);
          const light = 0.3 * ground[0] + 0.59 * ground[1] + 0.11 * ground[2] > 130;
          cell.style.color = light ? "#111" : "#fff";
        }
        if (cell.chosen !== (at === chosen)) {
          cell.chosen = at === chosen;
          cell.classList.toggle("chosen", cell.chosen);
        }
      });
      setText(answer, panel.output_names[chosen]);
      setData(row, "answer", panel.output_names[chosen]);
      setMark(row, mark, panel.right[index]);
    });
  }
}

function answerHead(panel) {
  if (panel.errors) return "output − target";
  return panel.kind === "number" ? "rounded" : "class";
}

function addCell(row, text = "", className = "") {
  const cell = row.insertCell();
  cell.textContent = text;
  cell.className = className;
  return cell;
}

function plain(value) {
  return value === null ? "NaN" : String(value).replace("-", "−");
}

function signed(value) {
  if (value === null) return "NaN";
  return (value > 0 ? "+" : "") + fixed(value, 4);
}

// Writing what is there already would cost a layout for nothing.
function setText(element, text) {
  if (element.shownText === text) return;
  element.shownText = text;
  element.textContent = text;
}

function setData(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

function setMark(row, mark, right) {
  setText(mark, right ? "✓ right" : "✗ wrong");
  setData(row, "right", String(right));
}
