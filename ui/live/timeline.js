// The bar of time travel. A native range input: it follows the hand at once, goes by the arrow keys,
// and says where it stands; Streamlit's own slider waits a fifth of a second before it tells.
const states = new WeakMap();
const WATCHDOG = 3000; // ms until what was never answered is asked for again
const REST = 350; // ms after which a hand that does not move has found what it looks for

const ICONS = {
  back: "M6 5h2v14H6zM19 5v14L9 12z",
  replay: "M7 4v16l13-8z",
  hold: "M6 5h4v14H6zM14 5h4v14h-4z",
  forward: "M5 5v14l10-7zM16 5h2v14h-2z",
  now: "M4 5v14l8-7zM12 5v14l8-7z",
};

export default function ({ parentElement, data, setTriggerValue }) {
  const find = (selector) => parentElement.querySelector(selector);
  const bar = find(".timeline");
  let state = states.get(parentElement);
  if (!state) {
    state = { asked: data.heard, wanted: null, watchdog: 0, rest: 0 };
    states.set(parentElement, state);
    for (const icon of parentElement.querySelectorAll("path")) {
      icon.setAttribute("d", ICONS[icon.closest("button").dataset.act]);
    }
    find("select").append(...data.speeds.map((speed) => new Option(`${speed} a second`, speed)));
  }
  state.data = data;
  const { steps, epochs, is_ready: isReady, replays } = data;
  const last = Math.max(1, steps.length - 1);
  const range = find("input");
  const isGone = () => !parentElement.isConnected && !parentElement.host?.isConnected;
  const send = (kind, step) => {
    if (isGone()) return;
    state.asked = Math.max(state.asked, state.data.heard) + 1;
    const act = { kind, step, speed: Number(find("select").value), number: state.asked };
    setTriggerValue("act", act);
    clearTimeout(state.watchdog);
    state.watchdog = setTimeout(() => {
      state.watchdog = 0;
      if (kind === "look" && state.wanted === null) send(kind, step);
      else ask();
    }, WATCHDOG);
  };

  const tell = (place) => {
    const step = steps[place] ?? 0;
    const text = isReady
      ? `Step ${step.toLocaleString("en")} of ${steps.at(-1).toLocaleString("en")} (epoch ${Math.floor(
          epochs[place],
        ).toLocaleString("en")})`
      : data.why;
    find("output").textContent = text;
    range.ariaValueText = text;
    for (const button of parentElement.querySelectorAll("button")) {
      const { act } = button.dataset;
      const isAtEnd = place >= last;
      button.disabled =
        !isReady ||
        (act === "back" && place === 0) ||
        ((act === "forward" || act === "now") && isAtEnd);
      button.title = isReady ? data.help[act] : data.why;
    }
  };

  // One question at a time: where the hand is by the time of the answer is asked next.
  const look = (place) => {
    place = Math.max(0, Math.min(last, place));
    range.value = place;
    tell(place);
    state.wanted = place;
    ask();
    rest();
  };
  // The picture follows every move. What is dearer, all around it, follows when the hand rests.
  const rest = () => {
    clearTimeout(state.rest);
    state.rest = setTimeout(() => (state.watchdog ? rest() : send("rest", 0)), REST);
  };
  const ask = () => {
    if (state.wanted === null || state.watchdog) return;
    const place = state.wanted;
    state.wanted = null;
    send("look", state.data.steps[place]);
  };

  // A server that began anew counts from 0 again: then nothing is under way.
  if (data.heard >= state.asked || !state.watchdog) {
    state.asked = data.heard;
    clearTimeout(state.watchdog);
    state.watchdog = 0;
    range.max = last;
    if (state.wanted === null) range.value = data.place;
  }
  range.disabled = !isReady;
  range.title = isReady ? data.help.range : data.why;
  bar.classList.toggle("resting", !isReady);
  find("select").value = data.speed;
  find("select").disabled = !isReady;
  find('[data-act="replay"]').hidden = replays;
  find('[data-act="hold"]').hidden = !replays;
  tell(Number(range.value));

  range.oninput = () => look(Number(range.value));
  find('[data-act="back"]').onclick = () => look(Number(range.value) - 1);
  find('[data-act="forward"]').onclick = () => look(Number(range.value) + 1);
  find('[data-act="now"]').onclick = () => look(last);
  find('[data-act="hold"]').onclick = () => send("hold", 0);
  find('[data-act="replay"]').onclick = () => {
    const place = Number(range.value);
    send("replay", steps[place < last ? place : 0]);
  };
  find('[data-act="continue"]').onclick = () => send("continue", steps[Number(range.value)]);
  find("select").onchange = () => send(replays ? "replay_on" : "speed", 0);
  ask();
}
