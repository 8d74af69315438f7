// The bar of time travel. A native range input: it follows the pointer at once, goes by the arrow
// keys, and says where it stands; Streamlit's own slider waits a fifth of a second before it sends.

import { isRemoved } from "../components/common/elements.js";

const WATCHDOG_MS = 3000; // until an action without an answer is sent again
const REST_MS = 350; // after which a slider that does not move counts as released

const ICONS = {
  back: "M6 5h2v14H6zM19 5v14L9 12z",
  replay: "M7 4v16l13-8z",
  hold: "M6 5h4v14H6zM14 5h4v14h-4z",
  forward: "M5 5v14l10-7zM16 5h2v14h-2z",
  now: "M4 5v14l8-7zM12 5v14l8-7z",
};

const bars = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!bars.has(parentElement)) bars.set(parentElement, new TimelineBar(parentElement, data));
  bars.get(parentElement).update(data, setTriggerValue);
}

/** A number with a comma between thousands, as Python's `f"{number:,}"`. */
export function grouped(number) {
  return number.toLocaleString("en");
}

/** Where the bar stands: a kept step, the last one, and the epoch. */
export function placeText(steps, epochs, place) {
  const epoch = grouped(Math.floor(epochs[place] ?? 0));
  return `Step ${grouped(steps[place] ?? 0)} of ${grouped(steps.at(-1))} (epoch ${epoch})`;
}

class TimelineBar {
  constructor(parentElement, data) {
    this.parentElement = parentElement;
    this.sent = data.answered; // number of the last action that was sent
    this.wanted = null; // the place to look at next, once the server has answered
    this.watchdog = this.restTimer = 0;
    for (const icon of parentElement.querySelectorAll("path")) {
      icon.setAttribute("d", ICONS[icon.closest("button").dataset.act]);
    }
    this.speed.append(...data.speeds.map((speed) => new Option(`${speed} a second`, speed)));
    this.listen();
  }

  get range() {
    return this.parentElement.querySelector("input");
  }

  get speed() {
    return this.parentElement.querySelector("select");
  }

  get place() {
    return Number(this.range.value);
  }

  get lastPlace() {
    return Math.max(1, this.data.steps.length - 1);
  }

  button(act) {
    return this.parentElement.querySelector(`[data-act="${act}"]`);
  }

  listen() {
    this.range.oninput = () => this.look(this.place);
    this.button("back").onclick = () => this.look(this.place - 1);
    this.button("forward").onclick = () => this.look(this.place + 1);
    this.button("now").onclick = () => this.look(this.lastPlace);
    this.button("hold").onclick = () => this.send("hold", 0);
    this.button("replay").onclick = () => {
      const from = this.place < this.lastPlace ? this.place : 0;
      this.send("replay", this.data.steps[from]);
    };
    this.button("continue").onclick = () => this.send("continue", this.data.steps[this.place]);
    this.speed.onchange = () => this.send(this.data.replays ? "replay_on" : "speed", 0);
  }

  update(data, setTriggerValue) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    // A server that began anew counts from 0 again: then no action is under way.
    if (data.answered >= this.sent || !this.watchdog) {
      this.sent = data.answered;
      clearTimeout(this.watchdog);
      this.watchdog = 0;
      this.range.max = this.lastPlace;
      if (this.wanted === null) this.range.value = data.place;
    }
    this.range.disabled = this.speed.disabled = !data.is_ready;
    this.range.title = data.is_ready ? data.help.range : data.why;
    this.parentElement.querySelector(".timeline").classList.toggle("resting", !data.is_ready);
    this.speed.value = data.speed;
    this.button("replay").hidden = data.replays;
    this.button("hold").hidden = !data.replays;
    this.showPlace(this.place);
    this.sendWanted();
  }

  showPlace(place) {
    const { steps, epochs, is_ready: isReady, why, help } = this.data;
    const text = isReady ? placeText(steps, epochs, place) : why;
    this.parentElement.querySelector("output").textContent = text;
    this.range.ariaValueText = text;
    const isAtEnd = place >= this.lastPlace;
    const isUseless = { back: place === 0, forward: isAtEnd, now: isAtEnd };
    for (const button of this.parentElement.querySelectorAll("button")) {
      const { act } = button.dataset;
      button.disabled = !isReady || Boolean(isUseless[act]);
      button.title = isReady ? help[act] : why;
    }
  }

  // Moves the slider and asks for what was kept there.
  look(place) {
    this.wanted = Math.max(0, Math.min(this.lastPlace, place));
    this.range.value = this.wanted;
    this.showPlace(this.wanted);
    this.sendWanted();
    this.waitForRest();
  }

  // The picture follows every move. The page around it, which takes longer, follows at rest.
  waitForRest() {
    clearTimeout(this.restTimer);
    this.restTimer = setTimeout(() => {
      if (this.watchdog) this.waitForRest();
      else this.send("rest", 0);
    }, REST_MS);
  }

  // One question at a time: the next is about where the slider is by the time of the answer.
  sendWanted() {
    if (this.wanted === null || this.watchdog) return;
    const step = this.data.steps[this.wanted];
    this.wanted = null;
    this.send("look", step);
  }

  send(kind, step) {
    if (isRemoved(this.parentElement)) return;
    this.sent = Math.max(this.sent, this.data.answered) + 1;
    const action = { kind, step, speed: Number(this.speed.value), number: this.sent };
    this.setTriggerValue("act", action);
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.watchdog = 0;
      if (kind === "look" && this.wanted === null) this.send(kind, step);
      else this.sendWanted();
    }, WATCHDOG_MS);
  }
}
