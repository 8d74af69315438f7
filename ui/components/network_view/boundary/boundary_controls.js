// The boxes to tick below the input square: what is drawn in it.

import { make } from "../../common/elements.js";
import { CHOICES, showsLines } from "./display_choices.js";
import { hasBothKinds } from "./scene.js";

const ENTRIES = [
  ["test", "test points, hollow", "Points that are not trained on."],
  [
    "lines", "units’ lines",
    "Where the weighted sum of each unit in the first hidden layer is 0, its bias included.",
  ],
  ["discrete", "discretised", "The answer alone, without how sure it is."],
];

export class BoundaryControls {
  constructor(onChange) {
    this.entries = ENTRIES.map(([choice, text, help]) => {
      const input = make("input");
      input.type = "checkbox";
      input.dataset.choice = choice;
      input.onchange = () => {
        CHOICES[choice] = input.checked;
        onChange();
      };
      const label = make("label", "entry", input, text);
      label.title = help;
      return { choice, input, label };
    });
    this.box = make("p", "tools", ...this.entries.map(({ label }) => label));
  }

  update(panel) {
    const isUsed = {
      test: hasBothKinds(panel), lines: Boolean(panel.arrays.lines), discrete: true,
    };
    const isTicked = { ...CHOICES, lines: showsLines(panel) };
    for (const { choice, input, label } of this.entries) {
      if (label.hidden === isUsed[choice]) label.hidden = !isUsed[choice];
      if (input.checked !== isTicked[choice]) input.checked = isTicked[choice];
    }
  }
}
