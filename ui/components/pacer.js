// State lives beside the element, not in closures: this function is called anew at each tick.
const states = new WeakMap();
const WATCHDOG = 3000; // ms until a tick that brought nothing is asked for again

export default function ({ parentElement, data, setTriggerValue }) {
  let state = states.get(parentElement);
  if (!state) {
    state = { sequence: -1, asked: 0, wait: 0, watchdog: 0 };
    states.set(parentElement, state);
  }
  const stop = () => {
    clearTimeout(state.wait);
    clearTimeout(state.watchdog);
    state.wait = 0;
  };
  const ask = () => {
    stop();
    state.asked = performance.now();
    state.watchdog = setTimeout(ask, WATCHDOG);
    setTriggerValue("tick", state.sequence);
  };
  if (!data.isOn) {
    stop();
    state.sequence = data.sequence;
  } else if (data.sequence !== state.sequence || !state.wait) {
    stop();
    state.sequence = data.sequence;
    const rest = Math.max(0, data.interval - (performance.now() - state.asked));
    state.wait = setTimeout(() => requestAnimationFrame(ask), rest);
    state.watchdog = setTimeout(ask, WATCHDOG + data.interval);
  }
  // May be called for a superseded call while the element is still mounted.
  return () => {
    if (!parentElement.isConnected && !parentElement.host?.isConnected) stop();
  };
}
