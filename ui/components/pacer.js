// Asks for the next tick once the last one has been painted.

import { isRemoved } from "./common/elements.js";

const WATCHDOG_MS = 3000; // until a tick without an answer is asked for again

// Kept for each element, not in closures: the function below is called anew at each tick.
const states = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  if (!states.has(parentElement)) {
    states.set(parentElement, { sequence: -1, askedAt: 0, timer: 0, watchdog: 0 });
  }
  const state = states.get(parentElement);
  const stop = () => {
    clearTimeout(state.timer);
    clearTimeout(state.watchdog);
    state.timer = 0;
  };
  const ask = () => {
    stop();
    state.askedAt = performance.now();
    state.watchdog = setTimeout(ask, WATCHDOG_MS);
    setTriggerValue("tick", state.sequence);
  };
  if (!data.isOn) {
    stop();
    state.sequence = data.sequence;
  } else if (data.sequence !== state.sequence || !state.timer) {
    stop();
    state.sequence = data.sequence;
    const wait = Math.max(0, data.interval - (performance.now() - state.askedAt));
    state.timer = setTimeout(() => requestAnimationFrame(ask), wait);
    state.watchdog = setTimeout(ask, WATCHDOG_MS + data.interval);
  }
  // Streamlit may call the cleanup of an earlier call while the element is still on the page.
  return () => {
    if (isRemoved(parentElement)) stop();
  };
}
