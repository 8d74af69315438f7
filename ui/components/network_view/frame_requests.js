// Asks the server for frames, one at a time: the next only after the last has been painted. The
// short way is a WebSocket; where the network does not pass it, a script run of Streamlit's brings
// the frame.

const WATCHDOG_MS = 3000; // without an answer for so long, ask again
const RETRY_MS = 10000; // until a socket that did not answer is tried again
const HALF_ANIMATION_FRAME_MS = 8; // what waiting for one adds on average

export class FrameRequests {
  /**
   * @param {object} view the element: `frame`, the last one; `isConnected`, whether it is on the page
   * @param {Function} onBytes called with the bytes of each frame that comes over the socket
   */
  constructor(view, onBytes) {
    this.view = view;
    this.onBytes = onBytes;
    this.askForScriptRun = () => {}; // the view sets what Streamlit hands out
    this.askedAt = -Infinity;
    this.socket = null;
    this.triedAddress = "";
    this.timer = this.watchdog = this.animation = 0;
  }

  get isWaiting() {
    return Boolean(this.timer || this.watchdog);
  }

  /** Asks for the next frame when it is due, if there will be one. */
  schedule() {
    this.cancel();
    const { moving, interval_ms: interval } = this.view.frame;
    if (!moving) return;
    this.connect();
    const passed = performance.now() - this.askedAt;
    const wait = Math.max(0, interval - passed - HALF_ANIMATION_FRAME_MS);
    this.timer = setTimeout(() => {
      this.animation = requestAnimationFrame(() => this.ask());
    }, wait);
    // In a hidden tab no animation frame ever comes: then the watchdog goes on asking.
    this.watchdog = setTimeout(() => this.ask(), wait + WATCHDOG_MS);
  }

  /** Asks for a script run, which draws the page around the picture anew, and waits for it. */
  waitForScriptRun() {
    this.cancel();
    const ask = () => this.askForScriptRun(this.view.frame.seq);
    this.watchdog = setTimeout(ask, WATCHDOG_MS);
    ask();
  }

  ask() {
    this.cancel();
    if (!this.view.isConnected || !this.view.frame.moving) return;
    this.askedAt = performance.now();
    this.watchdog = setTimeout(() => this.leaveSocket(), WATCHDOG_MS);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send("next");
    else this.askForScriptRun(this.view.frame.seq);
  }

  connect() {
    const { address } = this.view.frame;
    const isTried = address === this.triedAddress && performance.now() - this.triedAt < RETRY_MS;
    if (!address || isTried) return;
    const isUsable = this.socket?.readyState <= WebSocket.OPEN;
    if (isUsable && this.triedAddress === address) return;
    this.socket?.close();
    this.triedAddress = address;
    this.triedAt = performance.now();
    const url = new URL(address, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket === this.socket && this.view.isConnected) this.onBytes(new Uint8Array(data));
    };
    this.socket = socket;
  }

  // No answer came over the socket: ask by a script run for a while.
  leaveSocket() {
    this.socket?.close();
    this.socket = null;
    this.triedAt = performance.now();
    this.ask();
  }

  cancel() {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    cancelAnimationFrame(this.animation);
    this.timer = this.watchdog = this.animation = 0;
  }

  /** For an element that leaves the page. */
  close() {
    this.cancel();
    this.socket?.close();
    this.socket = null;
    this.triedAddress = "";
  }
}
