// Words are put in as text, never as HTML. A call with the same program changes nothing, so that a
// selection survives the ticks of the page.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".code");
  if (!root || root.dataset.version === data.version) return;
  root.dataset.version = data.version;
  root.classList.toggle("two", data.panes.length > 1);
  root.replaceChildren(heads(data.panes), table(data));
}

function heads(panes) {
  const line = make("div", "heads");
  for (const pane of panes) {
    const head = make("div", "head");
    head.append(make("span", "label", pane.label), copier(pane));
    line.append(head);
  }
  return line;
}

function copier(pane) {
  const button = make("button", "copy", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy the program: ${pane.label}`);
  button.addEventListener("click", async () => {
    const copied = await copy(pane.text);
    button.textContent = copied ? "Copied" : "Not allowed here";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https there is no clipboard; a selection can be copied all the same.
    const area = make("textarea", "");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

function table(data) {
  const body = make("tbody", "");
  for (const cells of data.rows) {
    const row = make("tr", "");
    for (const cell of cells) row.append(...both(cell));
    body.append(row);
  }
  const found = make("table", "lines");
  found.setAttribute("aria-label", data.panes.map((pane) => pane.label).join(" beside "));
  found.append(body);
  return found;
}

function both(cell) {
  if (!cell) return [make("td", "number none"), make("td", "words none")];
  const number = make("td", `number ${cell.mark}`, String(cell.number));
  number.dataset.line = cell.number;
  const words = make("td", `words ${cell.mark}`);
  if (cell.mark === "changed") words.append(make("span", "unseen", "changed: "));
  const line = make("code", "");
  const text = cell.words.map(([, word]) => word).join("");
  // A wrapped line goes on a little further in than it begins.
  line.style.setProperty("--indent", `${text.length - text.trimStart().length + 4}ch`);
  for (const [kind, word] of cell.words) line.append(make("span", kind, word));
  words.append(line);
  return [number, words];
}

function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}
