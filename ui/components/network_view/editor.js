// A number set by hand, in a small field where the number stands.

const LARGEST_EDIT = 1e6;
const EDIT_STEP = 0.1;

// The number that a text stands for, or the sentence that says why it is none.
function readNumber(text) {
  const plainText = text.trim().replaceAll("−", "-").replace(",", ".");
  if (plainText === "") return { problem: "Type a number, such as −0.5." };
  const value = Number(plainText);
  if (Number.isNaN(value)) return { problem: `“${text.trim()}” is no number. Type one such as −0.5.` };
  if (Math.abs(value) > LARGEST_EDIT) {
    return { problem: "Type a number from −1,000,000 to 1,000,000: larger ones overflow." };
  }
  return { value };
}

class ValueEditor {
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
    // The page's one-letter shortcuts must not hear what is typed here.
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

  // `refusal` is why nothing can be set now; then it is said in place of the field.
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
    const next = value + step * EDIT_STEP * (event.shiftKey ? 10 : 1);
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
