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
    this.root = make(
      "div", "view", this.tiles, visible, this.announced, this.stage, this.below,
    );
    this.append(make("style", "", STYLE), this.root);
    this.panels = new Map();
    this.tileBoxes = new Map();
    this.askedAt = -Infinity;
    this.describedAt = this.announcedAt = -Infinity;
    this.watchSize = new ResizeObserver(() => this.measure());
  }

  // A frame that came with a script run, and the function that asks for another run.
  show(data, askForRun) {
    const frame = decodeFrame(data);
    const isNew = frame.seq !== this.frame?.seq || frame.moving !== this.frame?.moving;
    this.frame = frame;
    this.around = frame.around; // what the page around the picture knows
    this.askForRun = askForRun;
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
    const describe = !frame.moving || begun - this.describedAt >= DESCRIBE_MS;
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
      box.append(networkLegend());
      this.followPointer(held, panel.name);
    }
    return held;
  }

  followPointer(held, name) {
    held.tooltip = make("div", "tooltip");
    held.tooltip.hidden = true;
    held.frame.append(held.tooltip);
    const again = () => {
      const panel = this.frame.panels.find((it) => it.name === name);
      if (panel) this.paintPanel(panel, false);
    };
    held.canvas.onpointermove = held.canvas.onpointerdown = (event) => {
      held.drawing.pointer = { x: event.offsetX, y: event.offsetY };
      again();
    };
    held.canvas.onpointerleave = () => {
      held.drawing.pointer = null;
      again();
    };
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
    setText(title, panel.title);
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
    if (describe || !canvas.ariaLabel) {
      const text = DRAWINGS[panel.type][1](panel);
      if (canvas.ariaLabel !== text) canvas.ariaLabel = text;
    }
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
  const { x, y } = drawing.pointer;
  const leftHalf = x < surface.width / 2;
  tooltip.style.left = leftHalf ? `${x + 14}px` : "auto";
  tooltip.style.right = leftHalf ? "auto" : `${surface.width - x + 14}px`;
  tooltip.style.top = `${Math.max(0, y - 12)}px`;
}

// The name carries a hash of this code, so that an edited file can be loaded beside the old one.
if (!customElements.get(ELEMENT)) customElements.define(ELEMENT, LiveView);

export default function () {}
