// What the run is doing, in a word and a sentence.

import { make, setText } from "../common/elements.js";

const ANNOUNCE_MS = 5000; // between two announcements of one state to screen readers

const SYMBOLS = {
  idle: "○", queued: "…", loading: "◌", running: "▶", paused: "❚❚", finished: "✓", failed: "✗",
  stopped: "■",
};

export class StatusLine {
  constructor() {
    this.symbol = make("span", "state");
    this.message = make("span", "message");
    this.visible = make("p", "status", this.symbol, this.message);
    this.visible.ariaHidden = "true"; // it changes too fast to be read out; `announced` is for that
    this.announced = make("p", "announced");
    this.announced.setAttribute("role", "status");
    this.announced.setAttribute("aria-live", "polite");
    this.announcedAt = -Infinity;
    this.state = "";
  }

  paint({ state, text }, isMoving, now) {
    setText(this.symbol, `${SYMBOLS[state] ?? ""} ${state}`);
    setText(this.message, text);
    const isNewState = this.state !== state;
    this.state = state;
    if (isNewState || !isMoving || now - this.announcedAt > ANNOUNCE_MS) {
      this.announcedAt = now;
      setText(this.announced, `${state}. ${text}`);
    }
  }
}
