// The element on the page: a square that takes strokes by pointer or keyboard, beside the answer.

import { css } from "../common/colors.js";
import { make, setText } from "../common/elements.js";
import { decodeFrame } from "../common/frame_bytes.js";
import { readTheme } from "../common/theme.js";
import { Answer } from "./answer.js";
import { describeAnswer } from "./answer_text.js";
import STYLE from "./draw_pad.css";
import { Questions } from "./questions.js";
import { Strokes } from "./strokes.js";

const SIDE = 280; // CSS pixels of the square; strokes are in shares of it
const ANNOUNCE_MS = 700; // an answer that stands for so long is announced
const KEY_STEP = 0.04; // of the side: one press of an arrow key; a quarter of it with Shift
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP = {
  square:
    "Square to draw in. Arrow keys move the pen, with Shift in small steps; Space puts it down and " +
    "lifts it; Backspace takes the last stroke back; Delete clears the square.",
  hover: "Draw here. By keyboard: arrows move the pen, Space puts it down and lifts it.",
  undo: "Takes the last stroke back, or a Clear. Backspace.",
  clear: "Empties the square; Undo brings it back. Delete.",
  thickness:
    "Width of the pen, in hundredths of the square's side. A pen that feels pressure draws thinner " +
    "where it is held lightly.",
  raw:
    "Shows the network the whole square, only made smaller: the digit stays as small and as far " +
    "from the middle as it was drawn.",
};

export class DrawPad extends HTMLElement {
  connectedCallback() {
    if (!this.root) this.build();
    if (this.frame) this.paint();
  }

  disconnectedCallback() {
    this.questions.stop();
    clearTimeout(this.announcing);
  }

  build() {
    this.strokes = new Strokes();
    this.answer = new Answer();
    this.questions = new Questions((number) => this.sendStrokes(number));
    this.pen = { x: 0.5, y: 0.5, isDown: false, isSeen: false }; // moved by the keyboard
    this.buildSquare();
    this.buildTools();
    this.announced = make("p", "unseen");
    this.announced.setAttribute("role", "status");
    this.announced.setAttribute("aria-live", "polite");
    const pad = make("div", "pad", this.canvas, this.tools, this.full);
    const top = make("div", "top", pad, this.answer.side, this.answer.steps);
    this.root = make("div", "draw", top, this.answer.below, this.announced);
    this.append(make("style", "", STYLE), this.root);
  }

  buildSquare() {
    this.canvas = make("canvas", "square");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.ariaLabel = HELP.square;
    this.canvas.title = HELP.hover;
    this.listenToPointer();
    this.canvas.onkeydown = (event) => this.press(event);
    this.canvas.onblur = () => {
      this.pen.isDown = this.pen.isSeen = false;
      this.paintSquare();
    };
  }

  buildTools() {
    this.undo = this.button("Undo", HELP.undo, () => this.strokes.undo());
    this.clear = this.button("Clear", HELP.clear, () => this.strokes.clear());
    this.width = make("input");
    Object.assign(this.width, { type: "range", min: 2, max: 20, step: 1, value: 8 });
    this.width.oninput = () => setText(this.widthText, `${this.width.value} %`);
    this.widthText = make("output");
    const thickness = make("label", "thickness", "Thickness", this.width, this.widthText);
    thickness.title = HELP.thickness;
    this.raw = make("input");
    this.raw.type = "checkbox";
    this.raw.onchange = () => this.changed();
    const raw = make("label", "raw", this.raw, "Without centring");
    raw.title = HELP.raw;
    this.tools = make("div", "tools", this.undo, this.clear, thickness, raw);
    this.full = make("p", "full", "The square holds no more lines. Undo some, or Clear.");
    this.full.hidden = true;
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

  listenToPointer() {
    const { canvas } = this;
    const placeOf = (event) => {
      const box = canvas.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    const pressureOf = (event) =>
      event.pointerType === "pen" && event.pressure > 0 ? Math.min(1, 0.3 + event.pressure) : 1;
    canvas.onpointerdown = (event) => {
      if (event.button !== 0 || this.pointer !== undefined || !this.hasRoom(1)) return;
      this.pointer = event.pointerId;
      canvas.setPointerCapture(event.pointerId);
      this.pen.isSeen = this.pen.isDown = false;
      this.strokes.begin(this.penWidth, ...placeOf(event), pressureOf(event));
      this.changed();
    };
    canvas.onpointermove = (event) => {
      if (event.pointerId !== this.pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const moved of all.length ? all : [event]) {
        if (this.hasRoom()) this.strokes.add(...placeOf(moved), pressureOf(moved));
      }
      this.changed();
    };
    canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = (event) => {
      if (event.pointerId === this.pointer) this.pointer = undefined;
    };
  }

  press(event) {
    if (event.ctrlKey || event.metaKey ? event.key !== "z" : event.altKey) return;
    const { pen } = this;
    if (event.key in ARROWS) {
      this.movePen(ARROWS[event.key], event.shiftKey ? KEY_STEP / 4 : KEY_STEP);
    } else if (event.key === " ") {
      if (event.repeat) return event.preventDefault();
      pen.isDown = !pen.isDown && this.hasRoom(1);
      if (pen.isDown) this.strokes.begin(this.penWidth, pen.x, pen.y, 1);
    } else if (event.key === "Backspace" || event.key === "z") {
      pen.isDown = false;
      this.strokes.undo();
    } else if (event.key === "Delete") {
      pen.isDown = false;
      this.strokes.clear();
    } else {
      return;
    }
    pen.isSeen = true;
    event.preventDefault();
    event.stopPropagation();
    this.changed();
  }

  movePen([right, down], step) {
    const { pen } = this;
    pen.x = Math.max(0, Math.min(1, pen.x + step * right));
    pen.y = Math.max(0, Math.min(1, pen.y + step * down));
    if (pen.isDown && this.hasRoom()) this.strokes.add(pen.x, pen.y, 1);
  }

  get penWidth() {
    return this.width.value / 100;
  }

  // Whether a point, and so many further strokes, can be added; says so where they cannot.
  hasRoom(furtherStrokes = 0) {
    const hasRoom = this.strokes.hasRoom(this.frame, furtherStrokes);
    this.full.hidden = hasRoom;
    return hasRoom;
  }

  /** Takes an answer, or the same one again, and Streamlit's function that sends to the server. */
  show(data, send) {
    const isFirst = !this.frame;
    this.frame = decodeFrame(data);
    this.send = send;
    if (isFirst) this.restore();
    const { number } = this.frame;
    if (this.questions.receive(number)) this.root.dataset.answered = !this.questions.isDue;
    this.paint();
    this.announce();
  }

  // The drawing outlives its square: another view was open in the meantime.
  restore() {
    const { strokes, centred, width, number } = this.frame;
    this.strokes = new Strokes(strokes);
    this.raw.checked = !centred;
    this.width.value = Math.round(100 * width);
    this.questions.asked = number;
  }

  changed() {
    if (this.strokes.count < this.frame.most_points) this.full.hidden = true;
    this.paintSquare();
    this.root.dataset.answered = false; // what is shown is not yet about this drawing
    this.questions.ask();
  }

  sendStrokes(number) {
    this.send("drawing", {
      strokes: this.strokes.strokes, centred: !this.raw.checked, width: this.penWidth, number,
    });
  }

  paint() {
    const theme = readTheme(this.root);
    this.root.classList.toggle("dark", theme.dark);
    setText(this.widthText, `${this.width.value} %`);
    this.answer.paint(this.frame, theme);
    this.root.dataset.number = this.frame.number;
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
    this.strokes.paint(context, side);
    if (this.pen.isSeen) this.paintPen(context, side, theme);
    this.undo.disabled = !this.strokes.canUndo;
    this.clear.disabled = !this.strokes.strokes.length;
  }

  paintPen(context, side, theme) {
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

  // Announces the answer to screen readers, once it stands.
  announce() {
    const text = describeAnswer(this.frame);
    if (text === this.lastAnnounced) return;
    this.lastAnnounced = text;
    clearTimeout(this.announcing);
    this.announcing = setTimeout(() => setText(this.announced, text), ANNOUNCE_MS);
  }
}
