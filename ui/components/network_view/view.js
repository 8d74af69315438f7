// The element on the page: builds its boxes once, paints each frame into them, and asks for the
// next one when it has painted.

const DRAWINGS = {
  network: [NetworkDrawing, describeNetwork],
  boundary: [BoundaryDrawing, describeBoundary],
  curve: [CurveDrawing, describeCurve],
  pictures: [PicturesDrawing, describePictures],
  examples: [ExamplesDrawing, describeExamples],
};

const STAGE = ["network", "boundary", "curve"]; // side by side at the top; the rest goes below
const BESIDE_WIDTH = 1300; // from here on a short table fits below the curves, in their column
const BESIDE_ROWS = 8;
const WATCHDOG_MS = 3000;
const RETRY_MS = 10000; // until a socket that did not answer is tried again
const HALF_ANIMATION_FRAME_MS = 8; // what waiting for one adds on average
const DESCRIBE_MS = 1000;
const ANNOUNCE_MS = 5000;
const SAME_TAP = 24; // pixels within which a second tap is on the same spot

const SYMBOLS = {
  idle: "○", queued: "…", loading: "◌", running: "▶", paused: "❚❚", finished: "✓", failed: "✗",
  stopped: "■",
};

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

class LiveView extends HTMLElement {
  connectedCallback() {
    if (!this.root) this.build();
    this.watchSize.observe(this.root);
    if (this.frame) this.pace(true);
  }

  // Unlike the cleanup of a component, this is called when the element really leaves the page.
  disconnectedCallback() {
    this.rest();
    this.watchSize.disconnect();
    this.socket?.close();
    this.socket = null;
    this.triedAddress = "";
  }

  build() {
    this.tiles = make("dl", "tiles");
    this.state = make("span", "state");
    this.message = make("span", "message");
    const visible = make("p", "status", this.state, this.message);
    visible.ariaHidden = "true"; // it changes too fast to be read out; `announced` is for that
    this.announced = make("p", "announced");
    this.announced.setAttribute("role", "status");
    this.announced.setAttribute("aria-live", "polite");
    this.stage = make("div", "stage");
    this.below = make("div", "below");
    this.readingBox = make("section", "reading");
    this.readingBox.hidden = true;
    this.readingBox.id = `reading-${Math.random().toString(36).slice(2)}`;
    this.readingBox.ariaLabel = "The network as text";
    this.reading = new NetworkReading(this.readingBox);
    this.root = make(
      "div", "view", this.tiles, visible, this.announced, this.stage, this.below, this.readingBox,
    );
    this.append(make("style", "", STYLE), this.root);
    this.panels = new Map();
    this.tileBoxes = new Map();
    this.askedAt = -Infinity;
    this.describedAt = this.announcedAt = -Infinity;
    this.watchSize = new ResizeObserver(() => this.measure());
  }

  // A frame that came with a script run, and the function that sends word to the server.
  show(data, send) {
    const frame = decodeFrame(data);
    this.around = frame.around; // what the page around the picture knows
    this.send = send;
    this.askForRun = (seq) => send("tick", seq);
    const known = this.frame;
    if (known && frame.address && frame.address === known.address && frame.seq < known.seq) {
      // The socket brought a later one meanwhile: what is past must not be shown again.
      if (known.around !== this.around) this.askForRun(known.seq);
      return;
    }
    const isNew = frame.seq !== known?.seq || frame.moving !== known?.moving;
    this.frame = frame;
    this.paint();
    if (isNew) this.pace(true);
    else if (!this.timer && !this.watchdog) this.pace(frame.moving);
  }

  // A frame that came over the socket.
  receive(data) {
    const frame = decodeFrame(data);
    if (frame.seq < this.frame.seq) return; // a script run brought a later one meanwhile
    this.frame = frame;
    this.paint();
    if (this.frame.around !== this.around) {
      // Buttons and charts must follow: from here on by a script run, until it has come.
      this.rest();
      this.watchdog = setTimeout(() => this.askForRun(this.frame.seq), WATCHDOG_MS);
      this.askForRun(this.frame.seq);
    } else {
      this.pace(true);
    }
  }

  pace(go) {
    this.rest();
    const { moving, interval_ms: interval } = this.frame;
    if (!go || !moving) return;
    this.connect();
    const passed = performance.now() - this.askedAt;
    const rest = Math.max(0, interval - passed - HALF_ANIMATION_FRAME_MS);
    this.timer = setTimeout(() => {
      this.animation = requestAnimationFrame(() => this.ask());
    }, rest);
    // In a hidden tab no animation frame ever comes: then the watchdog keeps the run in touch.
    this.watchdog = setTimeout(() => this.ask(), rest + WATCHDOG_MS);
  }

  ask() {
    this.rest();
    if (!this.isConnected || !this.frame.moving) return;
    this.askedAt = performance.now();
    this.watchdog = setTimeout(() => this.hangUp(), WATCHDOG_MS);
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send("next");
    else this.askForRun(this.frame.seq);
  }

  // The short way to the server, where the network passes it; the long one goes through Streamlit.
  connect() {
    const { address } = this.frame;
    const isTried = address === this.triedAddress && performance.now() - this.triedAt < RETRY_MS;
    if (!address || isTried) return;
    if (this.socket && this.triedAddress === address && this.socket.readyState <= 1) return;
    this.socket?.close();
    this.triedAddress = address;
    this.triedAt = performance.now();
    const url = new URL(address, window.location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (socket === this.socket && this.isConnected) this.receive(new Uint8Array(data));
    };
    this.socket = socket;
  }

  // No answer came: leave the short way for a while, and ask by the long one.
  hangUp() {
    this.socket?.close();
    this.socket = null;
    this.triedAt = performance.now();
    this.ask();
  }

  rest() {
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    cancelAnimationFrame(this.animation);
    this.timer = this.watchdog = this.animation = 0;
  }

  paint() {
    if (!this.frame || !this.root) return;
    const begun = performance.now();
    const { frame } = this;
    this.theme = readTheme(this.root);
    this.root.classList.toggle("dark", this.theme.dark);
    this.arrangePanels();
    this.paintTiles();
    this.paintStatus(begun);
    // A pause may still be moving, while a framework is imported: its numbers are read at once.
    const isCalm = !frame.moving || frame.status.state !== "running";
    const describe = isCalm || begun - this.describedAt >= DESCRIBE_MS;
    if (describe) this.describedAt = begun;
    for (const panel of frame.panels) this.paintPanel(panel, describe);
    this.countFrames(begun);
  }

  // For tests and measurements: how long painting takes, and how often it happens.
  countFrames(begun) {
    const now = performance.now();
    this.paints = [...(this.paints ?? []).filter((paint) => paint.at > now - 2000)];
    this.paints.push({ at: now, took: now - begun });
    this.root.dataset.seq = this.frame.seq;
    this.root.dataset.paintMs = (now - begun).toFixed(2);
    const span = now - this.paints[0].at;
    if (span > 500) {
      this.root.dataset.framesPerSecond = ((1000 * (this.paints.length - 1)) / span).toFixed(1);
    }
  }

  arrangePanels() {
    const structure = this.frame.panels
      .map((panel) => `${panel.name}:${panel.type}:${canStandBeside(panel)}`)
      .join("|");
    if (structure === this.structure) return;
    this.structure = structure;
    const before = this.panels;
    this.panels = new Map();
    for (const { box } of before.values()) box.remove();
    const curves = make("div", "curves");
    for (const panel of this.frame.panels) {
      const known = before.get(panel.name);
      const held = known?.type === panel.type ? known : this.buildPanel(panel);
      held.type = panel.type;
      this.panels.set(panel.name, held);
      if (panel.type === "curve") curves.append(held.box);
      else if (STAGE.includes(panel.type)) this.stage.append(held.box);
      else this.below.append(held.box);
    }
    this.stage.querySelector(".curves")?.remove();
    if (curves.childElementCount) this.stage.append(curves);
    this.stage.dataset.columns = this.stage.childElementCount;
    this.stage.classList.toggle("with-network", this.structure.includes(":network"));
    this.measure();
  }

  buildPanel(panel) {
    const box = make("section", `panel ${panel.type}`);
    box.dataset.panel = panel.name;
    if (panel.type === "table") {
      box.append(make("div", "scroll"));
      return { box, table: new TableDrawing(box.firstChild) };
    }
    const [Drawing] = DRAWINGS[panel.type];
    const title = make("h4", "title");
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    const frame = make("div", "canvas-box", canvas);
    box.append(title, frame);
    const held = { box, title, canvas, frame, surface: new Surface(canvas), drawing: new Drawing() };
    if (panel.type === "network") {
      box.prepend(make("div", "title-row", title, this.readingToggle()));
      box.append(networkLegend());
      held.editor = new ValueEditor(frame);
      held.click = (target, it) => this.clickNetwork(held, target, it);
      held.targetAt = (x, y) => held.drawing.layout && held.drawing.targetAt(x, y);
      this.follow(held, panel.name, "network diagram");
    } else if (panel.type === "boundary") {
      held.tools = new BoundaryTools(() => this.paintAgain());
      box.append(held.tools.box);
      held.click = (target, it) => this.clickBoundary(held, target, it);
      held.targetAt = (x, y) => held.drawing.planeAt(x, y);
      this.follow(held, panel.name, "picture of the plane");
    }
    return held;
  }

  // Mouse, touch and keys: what is pointed at tells its numbers, what is clicked is acted upon.
  follow(held, name, description) {
    const { canvas, drawing } = held;
    held.tooltip = make("div", "tooltip");
    held.tooltip.hidden = true;
    held.spoken = make("p", "announced");
    held.spoken.setAttribute("aria-live", "polite");
    held.frame.append(held.tooltip, held.spoken);
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-roledescription", description);
    const panelNow = () => this.frame.panels.find((it) => it.name === name);
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      // A finger that scrolls leaves by a cancelled pointer.
      drawing.pointer = { x: event.offsetX, y: event.offsetY };
      held.isTouch = event.pointerType === "touch";
      if (event.type === "pointerdown") {
        if (drawing.cursor) drawing.cursor = null;
        if (drawing.crosshair) drawing.crosshair = null;
        held.editor?.close(false);
      }
      this.paintSoon();
    };
    canvas.onpointerleave = canvas.onpointercancel = (event) => {
      if (event.type === "pointerleave" && held.isTouch) return; // a tap stays until the next
      drawing.pointer = null;
      this.paintSoon();
    };
    canvas.onclick = (event) => {
      const [x, y] = [event.offsetX, event.offsetY];
      const last = held.lastTap;
      held.lastTap = { x, y };
      const isFirstTap = held.isTouch && !(last && Math.hypot(last.x - x, last.y - y) < SAME_TAP);
      if (!isFirstTap) held.click(held.targetAt(x, y), panelNow());
      if (!isFirstTap) held.lastTap = null;
      this.paintAgain();
    };
    canvas.onfocus = () => {
      drawing.hasFocus = true;
      if (canvas.matches(":focus-visible") && !drawing.pointer) drawing.begin();
      this.paintSoon();
    };
    canvas.onblur = () => {
      drawing.hasFocus = Boolean(held.editor?.isOpen);
      this.paintSoon();
    };
    canvas.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!this.press(held, event, panelNow())) return;
      event.preventDefault();
      event.stopPropagation();
      this.paintAgain();
      setText(held.spoken, held.tooltip.hidden ? "" : held.tooltip.textContent);
    };
  }

  press(held, { key, shiftKey }, panel) {
    const { drawing } = held;
    if (key === "Escape") {
      const isNeeded = Boolean(drawing.pinned || drawing.cursor || drawing.crosshair);
      if (drawing.pinned) drawing.pinned = null;
      else drawing.cursor = drawing.crosshair = null;
      return isNeeded;
    }
    if (key === "Enter" || key === " ") {
      if (drawing instanceof NetworkDrawing) {
        const target = drawing.pointed();
        if (target) this.clickNetwork(held, target, panel);
        return Boolean(target);
      }
      if (!drawing.crosshair) return false;
      this.clickBoundary(held, { x1: drawing.crosshair[0], x2: drawing.crosshair[1] }, panel);
      return true;
    }
    return drawing instanceof NetworkDrawing
      ? drawing.press(key, panel)
      : drawing.press(key, shiftKey);
  }

  clickNetwork(held, target, panel) {
    const { drawing } = held;
    if (target?.link || target?.bias) {
      this.edit(held, target, panel);
    } else if (target?.node && responseOf(panel, target.node)) {
      const { layer, index } = target.node;
      const isPinned = drawing.pinned?.layer === layer && drawing.pinned?.index === index;
      drawing.pinned = isPinned ? null : { layer, index };
    } else if (!target) {
      drawing.pinned = null;
    }
  }

  clickBoundary(held, place, panel) {
    if (!place || !panel.accepts_points || held.drawing.enlarged) return;
    this.send("point", { x1: place.x1, x2: place.x2 });
  }

  edit(held, target, panel) {
    if (!panel.is_editable) return;
    const { drawing, surface, canvas, editor } = held;
    const { link, bias } = target;
    const place = link
      ? { layer: link.layer, source: link.from, target: link.to }
      : { layer: bias.layer - 1, source: null, target: bias.index };
    const { x, y } = drawing.spotOf(target);
    editor.open({
      name: describeTarget(panel, target).replace(/ [^ ]+$/, ""),
      value: link ? weightOf(panel, link) : biasOf(panel, bias),
      x, y, width: surface.width, height: surface.height,
      refusal: panel.refusal,
      onCommit: (value) => {
        this.editNumber = Math.max(Date.now(), (this.editNumber ?? 0) + 1);
        this.send("edit", { ...place, value, number: this.editNumber });
      },
      onClose: (isFocusReturned) => {
        drawing.hasFocus = isFocusReturned;
        if (isFocusReturned) canvas.focus({ preventScroll: true });
        this.paintSoon();
      },
    });
  }

  readingToggle() {
    const button = make("button", "reading-toggle", "Read as text");
    button.type = "button";
    button.setAttribute("aria-controls", this.readingBox.id);
    const toggle = (isShown) => {
      this.readingBox.hidden = !isShown;
      button.setAttribute("aria-expanded", String(isShown));
      setText(button, isShown ? "Hide the text" : "Read as text");
    };
    button.onclick = () => {
      toggle(this.readingBox.hidden);
      if (!this.readingBox.hidden) this.readingBox.scrollIntoView({ block: "nearest" });
    };
    toggle(false);
    return button;
  }

  // Once more what is there, because a pointer, a key or a choice has changed.
  paintAgain() {
    if (!this.frame || !this.theme) return;
    for (const panel of this.frame.panels) {
      if (panel.type === "network" || panel.type === "boundary") this.paintPanel(panel, false);
    }
  }

  paintSoon() {
    this.repaint ||= requestAnimationFrame(() => {
      this.repaint = 0;
      this.paintAgain();
    });
  }

  // On a wide screen a short table joins the curves, so that all is seen without scrolling.
  placeTables() {
    const curves = this.stage.querySelector(".curves");
    const hasRoom = curves && this.root.clientWidth >= BESIDE_WIDTH;
    for (const panel of this.frame?.panels ?? []) {
      const { table, box } = this.panels.get(panel.name) ?? {};
      if (!table) continue;
      const isBeside = Boolean(hasRoom && canStandBeside(panel));
      const place = isBeside ? curves : this.below;
      box.classList.toggle("beside", isBeside);
      if (box.parentElement !== place) place.append(box);
    }
  }

  // Sizes are read here only: reading them while painting would force a layout each time.
  measure() {
    this.placeTables();
    this.unit = parseFloat(getComputedStyle(this.root).fontSize);
    for (const panel of this.frame?.panels ?? []) {
      const { surface, frame, drawing } = this.panels.get(panel.name) ?? {};
      if (!surface) continue;
      if (drawing.arrange) {
        const { height } = drawing.arrange(panel, frame.clientWidth, this.unit);
        frame.style.height = `${Math.ceil(height)}px`;
      }
      surface.resize(frame.clientWidth, frame.clientHeight);
    }
    if (this.theme) for (const panel of this.frame.panels) this.paintPanel(panel, false);
  }

  paintPanel(panel, describe) {
    const held = this.panels.get(panel.name);
    if (held.table) {
      held.table.draw(this.theme, panel, !this.frame.moving);
      return;
    }
    const { surface, drawing, canvas, title, tooltip, frame } = held;
    if (panel.type === "boundary") {
      drawing.enlarged = this.enlargedScene(panel);
      held.tools.update(panel);
      canvas.style.cursor = panel.accepts_points && !drawing.enlarged ? "crosshair" : "";
    }
    setText(title, drawing.enlarged?.title ?? panel.title);
    if (drawing.arrange) {
      const count = panel.arrays.images.shape.join();
      if (held.count !== count) {
        held.count = count;
        const { height } = drawing.arrange(panel, frame.clientWidth, this.unit);
        frame.style.height = `${Math.ceil(height)}px`;
        surface.resize(frame.clientWidth, Math.ceil(height));
      }
    }
    if (surface.width < 20 || surface.height < 20) return;
    surface.begin(this.theme, this.unit);
    drawing.draw(surface, panel);
    if (tooltip) placeTooltip(tooltip, drawing, surface, panel);
    if (panel.type === "network") {
      const target = drawing.pointer && drawing.pointed();
      canvas.style.cursor = target && (target.node || panel.is_editable) ? "pointer" : "";
    }
    if (describe || !canvas.ariaLabel) {
      const text = DRAWINGS[panel.type][1](panel);
      if (canvas.ariaLabel !== text) canvas.ariaLabel = text;
      if (panel.type === "network") this.reading.draw(panel);
    }
  }

  // One unit's answers in place of the output, while it is pointed at or pinned.
  enlargedScene(boundary) {
    for (const panel of this.frame.panels) {
      if (panel.type !== "network" || !panel.square) continue;
      const { drawing } = this.panels.get(panel.name);
      const node = drawing.enlargedNode(panel);
      if (!node) continue;
      const scene = sceneOfUnit(panel, node, boundary);
      const isPinned =
        drawing.pinned?.layer === node.layer && drawing.pinned?.index === node.index;
      return { ...scene, title: isPinned ? `${scene.title} · pinned` : scene.title };
    }
    return null;
  }

  paintTiles() {
    const { tiles } = this.frame;
    const structure = tiles.map((tile) => tile.key).join("|");
    if (structure !== this.tileStructure) {
      this.tileStructure = structure;
      this.tileBoxes.clear();
      this.tiles.replaceChildren();
      this.tiles.hidden = tiles.length === 0;
      this.tiles.classList.toggle("many", tiles.length > 6);
      for (const tile of tiles) {
        const parts = {
          label: make("dt"), value: make("span", "value"), unit: make("span", "unit"),
        };
        const box = make("div", "tile", parts.label, make("dd", "", parts.value, parts.unit));
        box.dataset.tile = tile.key;
        this.tiles.append(box);
        this.tileBoxes.set(tile.key, { box, ...parts });
      }
    }
    for (const tile of tiles) {
      const { box, label, value, unit } = this.tileBoxes.get(tile.key);
      setText(label, tile.label);
      setText(value, tile.value);
      setText(unit, tile.unit ? ` ${tile.unit}` : "");
      unit.classList.toggle("brief", (tile.unit ?? "").length < 3);
      if (box.title !== (tile.help ?? "")) box.title = tile.help ?? "";
    }
  }

  paintStatus(now) {
    const { state, text } = this.frame.status;
    setText(this.state, `${SYMBOLS[state] ?? ""} ${state}`);
    setText(this.message, text);
    const isNewState = this.root.dataset.state !== state;
    if (isNewState) this.root.dataset.state = state;
    if (isNewState || !this.frame.moving || now - this.announcedAt > ANNOUNCE_MS) {
      this.announcedAt = now;
      setText(this.announced, `${state}. ${text}`);
    }
  }
}

function canStandBeside({ type, kind, inputs, output_names: outputs }) {
  return (
    type === "table" && kind === "binary" && inputs.length <= BESIDE_ROWS && outputs.length === 1
  );
}

function networkLegend() {
  const entry = (className, text) => make("span", "entry", make("span", className), text);
  return make(
    "p", "legend",
    entry("sample positive", "positive"),
    entry("sample negative", "negative"),
    entry("sample thick", "thicker: larger"),
    entry("word", "b: bias"),
  );
}

function placeTooltip(tooltip, drawing, surface, panel) {
  const text = drawing.tooltip(panel);
  tooltip.hidden = !text;
  if (!text) return;
  setText(tooltip, text);
  const { x, y } = drawing.spot();
  const leftHalf = x < surface.width / 2;
  tooltip.style.left = leftHalf ? `${x + 14}px` : "auto";
  tooltip.style.right = leftHalf ? "auto" : `${surface.width - x + 14}px`;
  tooltip.style.top = `${Math.max(0, y - 12)}px`;
}

// Below the input square: what is drawn in it.
class BoundaryTools {
  constructor(onChange) {
    this.box = make("p", "tools");
    this.entries = [
      ["test", "test points, hollow", "Points that are not trained on."],
      [
        "lines", "units’ lines",
        "Where the weighted sum of each unit in the first hidden layer is 0, its bias included.",
      ],
      ["discrete", "discretised", "The answer alone, without how sure it is."],
    ].map(([choice, text, help]) => {
      const input = make("input");
      input.type = "checkbox";
      input.dataset.choice = choice;
      const label = make("label", "entry", input, text);
      label.title = help;
      input.onchange = () => {
        CHOICES[choice] = input.checked;
        onChange();
      };
      this.box.append(label);
      return { choice, input, label };
    });
  }

  update(panel) {
    const tests = panel.arrays.is_test.values.reduce((sum, value) => sum + value, 0);
    const hasBoth = tests > 0 && tests < panel.arrays.is_test.values.length;
    for (const { choice, input, label } of this.entries) {
      const isUsed = choice === "test" ? hasBoth : choice !== "lines" || Boolean(panel.arrays.lines);
      if (label.hidden === isUsed) label.hidden = !isUsed;
      const isOn = choice === "lines" ? showsLines(panel) : CHOICES[choice];
      if (input.checked !== isOn) input.checked = isOn;
    }
  }
}

// The name carries a hash of this code, so that an edited file can be loaded beside the old one.
if (!customElements.get(ELEMENT)) customElements.define(ELEMENT, LiveView);

export default function () {}
