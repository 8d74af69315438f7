// The element on the page: takes frames, paints them, and asks for the next when it has painted.

import { make } from "../common/elements.js";
import { decodeFrame } from "../common/frame_bytes.js";
import { readTheme } from "../common/theme.js";
import { sceneOfUnit } from "./boundary/scene.js";
import { FrameRequests } from "./frame_requests.js";
import { NetworkTables } from "./network/network_tables.js";
import STYLE from "./network_view.css";
import { PanelGrid } from "./panel_grid.js";
import { StatusLine } from "./status_line.js";
import { Tiles } from "./tiles.js";

const DESCRIBE_MS = 1000; // between two descriptions for screen readers, while a run goes on
const COUNTED_MS = 2000; // over which painted frames are counted

export class LiveView extends HTMLElement {
  connectedCallback() {
    if (!this.root) this.build();
    this.sizeObserver.observe(this.root);
    if (this.frame) this.requests.schedule();
  }

  // Unlike the cleanup of a component, this is called when the element really leaves the page.
  disconnectedCallback() {
    this.requests.close();
    this.sizeObserver.disconnect();
  }

  build() {
    this.requests = new FrameRequests(this, (bytes) => this.receive(bytes));
    this.tiles = new Tiles();
    this.status = new StatusLine();
    this.networkTables = new NetworkTables(newTablesBox());
    this.grid = new PanelGrid(this);
    this.root = make(
      "div", "view", this.tiles.root, this.status.visible, this.status.announced,
      this.grid.top, this.grid.below, this.networkTables.box,
    );
    this.append(make("style", "", STYLE), this.root);
    this.describedAt = -Infinity;
    this.paints = [];
    this.sizeObserver = new ResizeObserver(() => this.measure());
  }

  /** Takes a frame that came with a script run, and Streamlit's function that sends to the server. */
  show(data, send) {
    const frame = decodeFrame(data);
    const known = this.frame;
    this.around = frame.around; // what the page around the picture was drawn from
    this.send = send;
    this.requests.askForScriptRun = (seq) => send("tick", seq);
    if (known && frame.address && frame.address === known.address && frame.seq < known.seq) {
      // The socket brought a later one meanwhile: what is past must not be shown again.
      if (known.around !== this.around) this.requests.askForScriptRun(known.seq);
      return;
    }
    const isNew = frame.seq !== known?.seq || frame.moving !== known?.moving;
    this.frame = frame;
    this.paint();
    if (isNew || !this.requests.isWaiting) this.requests.schedule();
  }

  // Takes a frame that came over the socket.
  receive(bytes) {
    const frame = decodeFrame(bytes);
    if (frame.seq < this.frame.seq) return; // a script run brought a later one meanwhile
    this.frame = frame;
    this.paint();
    // Buttons and charts must follow: then only a script run brings what comes next.
    if (frame.around !== this.around) this.requests.waitForScriptRun();
    else this.requests.schedule();
  }

  panelNamed(name) {
    return this.frame.panels.find((panel) => panel.name === name);
  }

  paint() {
    if (!this.frame || !this.root) return;
    const begun = performance.now();
    const { moving, status, tiles, panels } = this.frame;
    this.theme = readTheme(this.root);
    this.root.classList.toggle("dark", this.theme.dark);
    if (this.grid.arrange(panels)) this.measure();
    this.tiles.paint(tiles);
    this.status.paint(status, moving, begun);
    if (this.root.dataset.state !== status.state) this.root.dataset.state = status.state;
    // A pause may still be moving, while a framework is imported: its numbers are read at once.
    const isCalm = !moving || status.state !== "running";
    const isDescribed = isCalm || begun - this.describedAt >= DESCRIBE_MS;
    if (isDescribed) this.describedAt = begun;
    for (const panel of panels) this.paintPanel(panel, isDescribed);
    this.countFrames(begun);
  }

  paintPanel(panel, isDescribed) {
    const { theme, unit } = this;
    this.grid.paint(panel, { theme, unit, isDescribed, isAtRest: !this.frame.moving });
  }

  /** Paints the same moment again, because a pointer, a key or a choice has changed. */
  repaint() {
    if (!this.frame || !this.theme) return;
    for (const panel of this.frame.panels) {
      if (panel.type === "network" || panel.type === "boundary") this.paintPanel(panel, false);
    }
  }

  repaintSoon() {
    this.repaintRequest ||= requestAnimationFrame(() => {
      this.repaintRequest = 0;
      this.repaint();
    });
  }

  measure() {
    const panels = this.frame?.panels ?? [];
    this.unit = parseFloat(getComputedStyle(this.root).fontSize);
    this.grid.measure(panels, this.unit, this.root.clientWidth);
    if (this.theme) for (const panel of panels) this.paintPanel(panel, false);
  }

  /** The answers of the unit that is pointed at or pinned, to be shown in place of the output. */
  enlargedScene(boundary) {
    for (const panel of this.frame.panels) {
      if (panel.type !== "network" || !panel.square) continue;
      const { selection } = this.grid.boxes.get(panel.name);
      const node = selection.enlargedNode(panel);
      if (!node) continue;
      const scene = sceneOfUnit(panel, node, boundary);
      return selection.isPinned(node) ? { ...scene, title: `${scene.title} · pinned` } : scene;
    }
    return null;
  }

  // For tests and measurements: how long painting takes, and how often it happens.
  countFrames(begun) {
    const now = performance.now();
    this.paints = this.paints.filter((at) => at > now - COUNTED_MS);
    this.paints.push(now);
    this.root.dataset.seq = this.frame.seq;
    this.root.dataset.paintMs = (now - begun).toFixed(2);
    const span = now - this.paints[0];
    if (span > 500) {
      this.root.dataset.framesPerSecond = ((1000 * (this.paints.length - 1)) / span).toFixed(1);
    }
  }
}

function newTablesBox() {
  const box = make("section", "reading");
  box.hidden = true;
  box.id = `reading-${Math.random().toString(36).slice(2)}`;
  box.ariaLabel = "The network as text";
  return box;
}
