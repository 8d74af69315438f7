// A small form over the diagram: it sets a weight or a bias where its number stands.

import { make } from "../../common/elements.js";
import { readNumber } from "./number_reading.js";

const STEP = 0.1; // of an arrow key; ten times that with Shift

export class ValueEditor {
  constructor(box) {
    this.box = box;
    this.name = make("span", "edited");
    this.input = make("input");
    this.input.type = "text";
    this.input.inputMode = "decimal";
    this.input.autocomplete = "off";
    this.input.spellcheck = false;
    this.accept = make("button", "accept", "Set");
    this.accept.type = "submit";
    this.problem = make("span", "problem");
    this.problem.setAttribute("role", "alert");
    const label = make("label", "", this.name, this.input);
    this.form = make("form", "editor", label, this.accept, this.problem);
    this.form.noValidate = true;
    this.form.hidden = true;
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.commit();
    };
    // What is typed here must not reach the page's one-letter shortcuts.
    for (const type of ["keydown", "keypress", "keyup"]) {
      this.form.addEventListener(type, (event) => {
        event.stopPropagation();
        if (type === "keydown") this.press(event);
      });
    }
    this.form.onfocusout = (event) => {
      if (event.relatedTarget && !this.form.contains(event.relatedTarget)) this.close(false);
    };
    box.append(this.form);
  }

  get isOpen() {
    return !this.form.hidden;
  }

  /** `refusal` says why nothing can be set now; it is then shown in place of the field. */
  open({ name, value, x, y, width, height, refusal, onCommit, onClose }) {
    this.onCommit = onCommit;
    this.onClose = onClose;
    this.name.textContent = name;
    this.input.value = Number.isFinite(value) ? String(+value.toPrecision(9)) : "";
    this.input.hidden = this.accept.hidden = Boolean(refusal);
    this.problem.textContent = refusal ?? "";
    this.form.hidden = false;
    const { offsetWidth, offsetHeight } = this.form;
    this.form.style.left = `${Math.max(0, Math.min(width - offsetWidth, x - offsetWidth / 2))}px`;
    // Below the number where there is room, so that it does not hide what will change.
    const below = y + 12;
    const top = below + offsetHeight <= height ? below : y - 12 - offsetHeight;
    this.form.style.top = `${Math.max(0, Math.min(height - offsetHeight, top))}px`;
    if (refusal) {
      this.form.tabIndex = -1;
      this.form.focus({ preventScroll: true });
    } else {
      this.input.focus({ preventScroll: true });
      this.input.select();
    }
  }

  press(event) {
    if (event.key === "Escape") this.close(true);
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const { value } = readNumber(this.input.value);
    if (!step || value === undefined || this.input.hidden) return;
    event.preventDefault();
    const next = value + step * STEP * (event.shiftKey ? 10 : 1);
    this.input.value = String(+next.toPrecision(9));
  }

  commit() {
    if (this.input.hidden) return this.close(true);
    const { value, problem } = readNumber(this.input.value);
    this.problem.textContent = problem ?? "";
    this.input.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem) return this.input.focus({ preventScroll: true });
    this.close(true);
    return this.onCommit(value);
  }

  close(isFocusReturned) {
    if (!this.isOpen) return;
    this.form.hidden = true;
    this.input.removeAttribute("aria-invalid");
    this.onClose(isFocusReturned);
  }
}
