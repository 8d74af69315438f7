// Shows a program, or two of them side by side.

import { make } from "../common/elements.js";
import { breaksBefore } from "./line_breaks.js";

// Words are put in as text, never as HTML. A call with the same program changes nothing, so that a
// selection survives the ticks of the page.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".code");
  if (!root || root.dataset.version === data.version) return;
  const isFirst = !root.dataset.version;
  root.dataset.version = data.version;
  root.classList.toggle("two", data.panes.length > 1);
  const box = root.querySelector(".box");
  box.setAttribute("aria-label", data.panes.map((pane) => pane.label).join(" beside "));
  box.replaceChildren(heads(data.panes), table(data));
  root.querySelector(".notes").replaceChildren(...notes(root, data));
  say(root, data.change && !isFirst ? `${data.change.said}.` : "");
  const first = root.querySelector("td.number.changed");
  // The code moves inside its own box: the page stays where the reader has it.
  if (first && !isFirst) scrollTo(box, first, isCalm() ? "instant" : "smooth");
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
    const area = make("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

// What changed, with a button to each place; and beside two programs, what the marks mean.
function notes(root, data) {
  const found = [];
  if (data.change) {
    const line = make("p", "change");
    line.append(make("b", "", `${data.change.said}:`));
    data.change.places.forEach(({ name, ranges }, pane) => {
      if (!ranges.length) return;
      const places = make("span", "places");
      if (name) places.append(make("span", "", name));
      for (const range of ranges) places.append(jump(root, pane, name, range));
      line.append(places);
    });
    found.push(line);
  }
  if (data.panes.length > 1) {
    const legend = make("p", "legend");
    if (data.change) legend.append(make("span", "sample changed", "changed by a setting"));
    legend.append(make("span", "sample differs", "differs between the two"));
    found.push(legend);
  }
  return found;
}

function jump(root, pane, name, [first, last]) {
  const button = make("button", "jump", first === last ? `${first}` : `${first}–${last}`);
  button.type = "button";
  const where = name ? ` of ${name}` : "";
  const lines = first === last ? `line ${first}` : `lines ${first} to ${last}`;
  button.setAttribute("aria-label", `Go to ${lines}${where}`);
  button.addEventListener("click", () => {
    for (const was of root.querySelectorAll(".here")) was.classList.remove("here");
    const number = root.querySelector(`td.number[data-pane="${pane}"][data-line="${first}"]`);
    for (let line = first; line <= last; line += 1) {
      const cell = root.querySelector(`td.number[data-pane="${pane}"][data-line="${line}"]`);
      cell.nextElementSibling.classList.add("here");
    }
    scrollTo(root.querySelector(".box"), number, "instant");
    number.scrollIntoView({ block: "nearest", inline: "nearest" });
    say(root, `Line ${first}${where}: ${number.nextElementSibling.textContent.trim()}`);
  });
  return button;
}

function scrollTo(box, cell, behavior) {
  const headHeight = box.querySelector(".heads").offsetHeight;
  const [outer, inner] = [box.getBoundingClientRect(), cell.getBoundingClientRect()];
  const top = inner.top - outer.top - box.clientTop - headHeight;
  const room = box.clientHeight - headHeight;
  if (top >= 0 && top + inner.height <= room) return;
  box.scrollTo({ top: box.scrollTop + top - room / 3, behavior });
}

function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

function say(root, text) {
  root.querySelector('[role="status"]').textContent = text;
}

function table(data) {
  const body = make("tbody");
  for (const cells of data.rows) {
    const row = make("tr");
    cells.forEach((cell, pane) => row.append(...both(cell, pane)));
    body.append(row);
  }
  const found = make("table", "lines");
  found.setAttribute("aria-label", data.panes.map((pane) => pane.label).join(" beside "));
  found.append(body);
  return found;
}

function both(cell, pane) {
  if (!cell) return [make("td", "number none"), make("td", "words none")];
  const marks = `${cell.changed ? " changed" : ""}${cell.differs ? " differs" : ""}`;
  const number = make("td", `number${marks}`);
  if (cell.changed) number.append(make("span", "unseen", "changed: "));
  number.append(String(cell.number));
  number.dataset.line = cell.number;
  number.dataset.pane = pane;
  const words = make("td", `words${marks}`);
  const line = make("code");
  const text = cell.words.map(([, word]) => word).join("");
  // A wrapped line goes on a little further in than it begins.
  line.style.setProperty("--indent", `${text.length - text.trimStart().length + 4}ch`);
  let at = 0;
  for (const [kind, word] of cell.words) {
    if (breaksBefore(text, at)) line.append(make("wbr"));
    line.append(make("span", kind, word));
    at += word.length;
  }
  words.append(line);
  return [number, words];
}
