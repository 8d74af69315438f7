// A canvas that answers to mouse, touch and keys: a tooltip with the numbers of what is pointed at,
// and an action for what is clicked.

import { make, setText } from "../common/elements.js";
import { CanvasBox } from "./panel_box.js";

const SAME_PLACE = 24; // pixels within which a second tap is on the same place as the first
const TOOLTIP_GAP = 14; // pixels

/**
 * Subclasses have `click(target, panel)`. The drawing has a `selection`: pointer, cursor and focus,
 * what is under them, and what the tooltip says about it.
 */
export class InteractiveBox extends CanvasBox {
  /**
   * @param {object} view the element that this box is in: `panelNamed`, `repaint`, `repaintSoon`
   * @param {string} role what the canvas is, for screen readers
   */
  constructor(panel, drawing, describe, view, role) {
    super(panel, drawing, describe);
    this.name = panel.name;
    this.view = view;
    this.selection = drawing.selection;
    this.tooltip = make("div", "tooltip");
    this.tooltip.hidden = true;
    this.announced = make("p", "announced");
    this.announced.setAttribute("aria-live", "polite");
    this.canvasBox.append(this.tooltip, this.announced);
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", role);
    this.listenToPointer();
    this.listenToKeys();
  }

  get panel() {
    return this.view.panelNamed(this.name);
  }

  listenToPointer() {
    const { canvas, selection } = this;
    canvas.onpointermove = canvas.onpointerdown = (event) => {
      selection.pointer = { x: event.offsetX, y: event.offsetY };
      this.isTouch = event.pointerType === "touch";
      if (event.type === "pointerdown") {
        selection.cursor = null;
        this.onPointerDown();
      }
      this.view.repaintSoon();
    };
    // A finger that scrolls ends in a cancelled pointer.
    canvas.onpointerleave = canvas.onpointercancel = (event) => {
      if (event.type === "pointerleave" && this.isTouch) return; // a tap stays until the next
      selection.pointer = null;
      this.view.repaintSoon();
    };
    canvas.onclick = ({ offsetX: x, offsetY: y }) => {
      // A first tap shows the tooltip, a second one on the same place acts.
      const last = this.lastTap;
      const isSamePlace = last && Math.hypot(last.x - x, last.y - y) < SAME_PLACE;
      const isFirstTap = this.isTouch && !isSamePlace;
      this.lastTap = isFirstTap ? { x, y } : null;
      if (!isFirstTap) this.click(selection.targetAt(x, y), this.panel);
      this.view.repaint();
    };
  }

  listenToKeys() {
    const { canvas, selection } = this;
    canvas.onfocus = () => {
      selection.hasFocus = true;
      if (canvas.matches(":focus-visible") && !selection.pointer) selection.startCursor();
      this.view.repaintSoon();
    };
    canvas.onblur = () => {
      selection.hasFocus = this.keepsFocus;
      this.view.repaintSoon();
    };
    canvas.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (!this.press(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.view.repaint();
      setText(this.announced, this.tooltip.hidden ? "" : this.tooltip.textContent);
    };
  }

  // True where the key was for the canvas.
  press({ key, shiftKey }) {
    const { selection } = this;
    if (key === "Escape") return selection.escape();
    if (key !== "Enter" && key !== " ") return selection.moveCursor(key, this.panel, shiftKey);
    const target = selection.selected();
    if (target) this.click(target, this.panel);
    return Boolean(target);
  }

  onPointerDown() {}

  /** Whether what has the keyboard belongs to the canvas, though the canvas has lost it. */
  get keepsFocus() {
    return false;
  }

  afterDrawing(panel) {
    const { tooltip, selection, surface } = this;
    const text = selection.tooltipText(panel);
    tooltip.hidden = !text;
    if (!text) return;
    setText(tooltip, text);
    const { x, y } = selection.tooltipPlace();
    const isLeft = x < surface.width / 2;
    tooltip.style.left = isLeft ? `${x + TOOLTIP_GAP}px` : "auto";
    tooltip.style.right = isLeft ? "auto" : `${surface.width - x + TOOLTIP_GAP}px`;
    tooltip.style.top = `${Math.max(0, y - 12)}px`;
  }
}
