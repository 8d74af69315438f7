// The element on the page: takes the strokes, and asks what they are, one question at a time.

const SIDE = 280; // CSS pixels of the square; the server counts in shares of it
const WATCHDOG = 3000; // ms until a question that was never answered is asked again
const REST = 60; // ms between an answer and the next question
const SAY = 700; // ms after which an answer that stands is read out
const STEP = 0.04; // of the side: one press of an arrow key
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HOW =
  "Square to draw in. Arrow keys move the pen, with Shift in small steps; Space puts it down and " +
  "lifts it; Backspace takes the last stroke back; Delete clears the square.";

class DrawPad extends HTMLElement {
  connectedCallback() {
    if (!this.root) this.build();
    if (this.frame) this.paint();
  }

  disconnectedCallback() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    clearTimeout(this.saying);
    this.watchdog = this.timer = 0;
  }

  build() {
    this.drawing = new Drawing();
    this.answer = new Answer();
    this.canvas = make("canvas", "square");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.ariaLabel = HOW;
    this.canvas.title = "Draw here. By keyboard: arrows move the pen, Space puts it down and lifts it.";
    this.undo = this.button("Undo", "Takes the last stroke back, or a Clear. Backspace.", () => this.drawing.undo());
    this.clear = this.button("Clear", "Empties the square; Undo brings it back. Delete.", () => this.drawing.clear());
    this.width = make("input", "");
    Object.assign(this.width, { type: "range", min: 2, max: 20, step: 1, value: 8 });
    this.widthText = make("output", "");
    const thickness = make("label", "thickness", "Thickness", this.width, this.widthText);
    thickness.title = "Width of the pen, in hundredths of the square's side. A pen that feels pressure draws thinner where it is held lightly.";
    this.raw = make("input", "");
    this.raw.type = "checkbox";
    const raw = make("label", "raw", this.raw, "Without centring");
    raw.title = "Shows the network the whole square, only made smaller: the digit stays as small and as far from the middle as it was drawn.";
    this.said = make("p", "unseen");
    this.said.setAttribute("role", "status");
    this.said.setAttribute("aria-live", "polite");
    this.full = make("p", "full", "The square holds no more lines. Undo some, or Clear.");
    this.full.hidden = true;
    const tools = make("div", "tools", this.undo, this.clear, thickness, raw);
    const pad = make("div", "pad", this.canvas, tools, this.full);
    const top = make("div", "top", pad, this.answer.side, this.answer.steps);
    this.root = make("div", "draw", top, this.answer.below, this.said);
    this.append(make("style", "", STYLE), this.root);
    this.asked = 0;
    this.pen = { x: 0.5, y: 0.5, isDown: false, isSeen: false };
    this.listen();
  }

  button(text, help, act) {
    const button = make("button", "", text);
    button.type = "button";
    button.title = help;
    button.onclick = () => {
      this.pen.isDown = false;
      act();
      this.changed();
    };
    return button;
  }

  listen() {
    const { canvas } = this;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const pressure = (event) =>
      event.pointerType === "pen" && event.pressure > 0 ? Math.min(1, 0.3 + event.pressure) : 1;
    canvas.onpointerdown = (event) => {
      if (event.button !== 0 || this.pointer !== undefined || !this.hasRoom(1)) return;
      this.pointer = event.pointerId;
      canvas.setPointerCapture(event.pointerId);
      this.pen.isSeen = this.pen.isDown = false;
      this.drawing.begin(this.width.value / 100, ...at(event), pressure(event));
      this.changed();
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== this.pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const moved of all.length ? all : [event]) {
        if (this.hasRoom()) this.drawing.add(...at(moved), pressure(moved));
      }
      this.changed();
    };
    canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => {
      if (event.pointerId === this.pointer) this.pointer = undefined;
    };
    canvas.onkeydown = (event) => this.press(event);
    canvas.onblur = () => {
      this.pen.isDown = this.pen.isSeen = false;
      this.paintSquare();
    };
    this.width.oninput = () => setText(this.widthText, `${this.width.value} %`);
    this.raw.onchange = () => this.changed();
  }

  press(event) {
    if (event.ctrlKey || event.metaKey ? event.key !== "z" : event.altKey) return;
    const { pen } = this;
    const direction = KEYS[event.key];
    if (direction) {
      const step = event.shiftKey ? STEP / 4 : STEP;
      pen.x = Math.max(0, Math.min(1, pen.x + step * direction[0]));
      pen.y = Math.max(0, Math.min(1, pen.y + step * direction[1]));
      if (pen.isDown && this.hasRoom()) this.drawing.add(pen.x, pen.y, 1);
    } else if (event.key === " ") {
      if (event.repeat) return event.preventDefault();
      pen.isDown = !pen.isDown && this.hasRoom(1);
      if (pen.isDown) this.drawing.begin(this.width.value / 100, pen.x, pen.y, 1);
    } else if (event.key === "Backspace" || event.key === "z") {
      pen.isDown = false;
      this.drawing.undo();
    } else if (event.key === "Delete") {
      pen.isDown = false;
      this.drawing.clear();
    } else {
      return;
    }
    pen.isSeen = true;
    event.preventDefault();
    event.stopPropagation();
    this.changed();
  }

  hasRoom(strokes = 0) {
    const { most_strokes: most, most_points: points } = this.frame;
    const isFull = this.drawing.strokes.length + strokes > most || this.drawing.count + 1 > points;
    this.full.hidden = !isFull;
    return !isFull;
  }

  // A new answer, or the same moment again.
  show(data, send) {
    const isFirst = !this.frame;
    this.frame = decodeFrame(data);
    this.send = send;
    if (isFirst) {
      // The drawing outlives its square: another view was open in the meantime.
      this.drawing = new Drawing(this.frame.strokes);
      this.raw.checked = !this.frame.centred;
      this.width.value = Math.round(100 * this.frame.width);
      this.asked = this.frame.heard;
    }
    if (this.frame.heard >= this.asked) {
      clearTimeout(this.watchdog);
      this.watchdog = 0;
      if (this.wants) this.soon(REST);
      this.root.dataset.answered = !this.wants;
    }
    this.paint();
    this.say();
  }

  changed() {
    if (this.drawing.count < this.frame.most_points) this.full.hidden = true;
    this.paintSquare();
    this.wants = true;
    this.root.dataset.answered = false; // what is shown is not yet about this drawing
    if (!this.watchdog) this.soon(0);
  }

  soon(rest) {
    if (!this.timer) this.timer = setTimeout(() => this.ask(), rest);
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.watchdog) return;
    this.wants = false;
    this.asked = Math.max(this.asked, this.frame.heard) + 1;
    this.send("drawing", {
      strokes: this.drawing.strokes,
      centred: !this.raw.checked,
      width: this.width.value / 100,
      number: this.asked,
    });
    this.watchdog = setTimeout(() => {
      this.watchdog = 0;
      this.ask();
    }, WATCHDOG);
  }

  paint() {
    const theme = readTheme(this.root);
    this.root.classList.toggle("dark", theme.dark);
    setText(this.widthText, `${this.width.value} %`);
    this.answer.paint(this.frame, theme);
    this.root.dataset.heard = this.frame.heard;
    this.root.dataset.step = this.frame.step;
    this.paintSquare();
  }

  paintSquare() {
    const theme = readTheme(this.root);
    const ratio = window.devicePixelRatio || 1;
    const side = this.canvas.clientWidth || SIDE;
    const pixels = Math.round(side * ratio);
    if (this.canvas.width !== pixels) this.canvas.width = this.canvas.height = pixels;
    const context = this.canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, side, side);
    context.strokeStyle = theme.text;
    this.drawing.paint(context, side);
    if (this.pen.isSeen) {
      const [x, y] = [this.pen.x * side, this.pen.y * side];
      context.lineWidth = 2;
      context.strokeStyle = css(this.pen.isDown ? theme.negative : theme.positive);
      context.beginPath();
      context.arc(x, y, 7, 0, 2 * Math.PI);
      context.moveTo(x - 11, y);
      context.lineTo(x + 11, y);
      context.moveTo(x, y - 11);
      context.lineTo(x, y + 11);
      context.stroke();
    }
    this.undo.disabled = !this.drawing.canUndo;
    this.clear.disabled = !this.drawing.strokes.length;
  }

  say() {
    const text = this.answer.describe(this.frame);
    if (text === this.toSay) return;
    this.toSay = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => setText(this.said, text), SAY);
  }
}

// The name carries a hash of this code, so that an edited file can be loaded beside the old one.
if (!customElements.get(ELEMENT)) customElements.define(ELEMENT, DrawPad);

export default function () {}
