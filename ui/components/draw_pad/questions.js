// Sends the drawing to the server, one question at a time: what was drawn meanwhile is asked next.

const WATCHDOG_MS = 3000; // until a question without an answer is asked again
const PAUSE_MS = 60; // between an answer and the next question

export class Questions {
  /** @param {Function} send called with the number of each question */
  constructor(send) {
    this.send = send;
    this.asked = 0; // number of the last question
    this.answered = 0; // number of the last answer
    this.isDue = false; // whether the drawing has changed since the last question
    this.timer = this.watchdog = 0;
  }

  /** The drawing has changed. */
  ask() {
    this.isDue = true;
    if (!this.watchdog) this.schedule(0);
  }

  /** An answer has come, with the number of its question. True where it is that of the last one. */
  receive(number) {
    this.answered = number;
    if (number < this.asked) return false;
    clearTimeout(this.watchdog);
    this.watchdog = 0;
    if (this.isDue) this.schedule(PAUSE_MS);
    return true;
  }

  schedule(wait) {
    if (!this.timer) this.timer = setTimeout(() => this.sendNext(), wait);
  }

  sendNext() {
    clearTimeout(this.timer);
    this.timer = 0;
    if (this.watchdog) return;
    this.isDue = false;
    this.asked = Math.max(this.asked, this.answered) + 1;
    this.send(this.asked);
    this.watchdog = setTimeout(() => {
      this.watchdog = 0;
      this.sendNext();
    }, WATCHDOG_MS);
  }

  stop() {
    clearTimeout(this.watchdog);
    clearTimeout(this.timer);
    this.watchdog = this.timer = 0;
  }
}
