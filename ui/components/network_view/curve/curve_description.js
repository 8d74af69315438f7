// The curves in words.

import { compact, short } from "../../common/number_text.js";

/** From where to where each curve goes. */
export function describeCurve(panel) {
  const parts = panel.series.map((series, i) => {
    const { values } = panel.arrays[`high${i}`];
    if (!values.length) return `${series.name}: nothing yet`;
    return `${series.name}: from ${short(values[0])} to ${short(series.last)}`;
  });
  const steps = panel.arrays.steps0?.values;
  const end = steps?.length ? ` up to ${panel.x_label} ${compact(steps.at(-1))}` : "";
  const marked = panel.mark === null ? "" : ` Step ${panel.mark} is marked.`;
  return `${panel.title}${end}. ${parts.join("; ") || "Nothing yet"}.${marked}`;
}
