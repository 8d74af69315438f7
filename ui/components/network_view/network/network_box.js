// The panel of the network: the diagram, its legend, the form that edits a weight, and the button
// that shows the network as text.

import { make, setText } from "../../common/elements.js";
import { InteractiveBox } from "../interactive_box.js";
import { describeNetwork, nameOfTarget } from "./network_description.js";
import { NetworkDrawing } from "./network_drawing.js";
import { biasOf, responseOf, weightOf } from "./network_values.js";
import { ValueEditor } from "./value_editor.js";

export class NetworkBox extends InteractiveBox {
  constructor(panel, view) {
    super(panel, new NetworkDrawing(), describeNetwork, view, "network diagram");
    this.editor = new ValueEditor(this.canvasBox);
    this.lastEdit = 0;
    this.box.prepend(make("div", "title-row", this.title, tablesToggle(view.networkTables.box)));
    this.box.append(legend());
  }

  onPointerDown() {
    this.editor.close(false);
  }

  get keepsFocus() {
    return this.editor.isOpen;
  }

  click(target, panel) {
    if (target?.link || target?.bias) this.edit(target, panel);
    else if (!target) this.selection.pinned = null;
    else if (responseOf(panel, target.node)) this.selection.togglePin(target.node);
  }

  edit(target, panel) {
    if (!panel.is_editable) return;
    const { link, bias } = target;
    const place = link
      ? { layer: link.layer, source: link.from, target: link.to }
      : { layer: bias.layer - 1, source: null, target: bias.index };
    this.editor.open({
      name: nameOfTarget(panel, target),
      value: link ? weightOf(panel, link) : biasOf(panel, bias),
      ...this.selection.placeOf(target),
      width: this.surface.width,
      height: this.surface.height,
      refusal: panel.refusal,
      onCommit: (value) => {
        this.lastEdit = Math.max(Date.now(), this.lastEdit + 1);
        this.view.send("edit", { ...place, value, number: this.lastEdit });
      },
      onClose: (isFocusReturned) => {
        this.selection.hasFocus = isFocusReturned;
        if (isFocusReturned) this.canvas.focus({ preventScroll: true });
        this.view.repaintSoon();
      },
    });
  }

  afterDrawing(panel) {
    super.afterDrawing(panel);
    const target = this.selection.pointer && this.selection.selected();
    const isClickable = target && (target.node || panel.is_editable);
    this.canvas.style.cursor = isClickable ? "pointer" : "";
  }

  updateDescription(panel) {
    super.updateDescription(panel);
    this.view.networkTables.draw(panel);
  }
}

function tablesToggle(tables) {
  const button = make("button", "reading-toggle", "Read as text");
  button.type = "button";
  button.setAttribute("aria-controls", tables.id);
  const toggle = (isShown) => {
    tables.hidden = !isShown;
    button.setAttribute("aria-expanded", String(isShown));
    setText(button, isShown ? "Hide the text" : "Read as text");
  };
  button.onclick = () => {
    toggle(tables.hidden);
    if (!tables.hidden) tables.scrollIntoView({ block: "nearest" });
  };
  toggle(false);
  return button;
}

function legend() {
  const entry = (className, text) => make("span", "entry", make("span", className), text);
  return make(
    "p", "legend",
    entry("sample positive", "positive"),
    entry("sample negative", "negative"),
    entry("sample thick", "thicker: larger"),
    entry("word", "b: bias"),
  );
}
