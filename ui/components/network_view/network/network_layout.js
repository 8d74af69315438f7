// Where units, links and captions of the diagram stand, in CSS pixels.

import { captionsOf } from "./layer_captions.js";
import { placeLabels } from "./link_geometry.js";

const MOST_PRINTED_LINKS = 20;

/**
 * Lays out the diagram.
 *
 * @param {object} surface measures texts; has `unit`, `width` and `height`
 * @param {object} panel a network panel
 * @returns {object} `nodes`, `links`, `more` (what is not drawn), `block` (inputs that are too many
 *   to draw, or null), `captions`, `printed` (whether weights are printed) and `thinning` (a factor
 *   for the width of links)
 */
export function layOutNetwork(surface, panel) {
  const columns = columnsOf(surface, panel);
  const block = panel.drawn[0] === 0 ? blockOf(columns[0], surface.unit) : null;
  const nodes = [];
  const more = [];
  columns.forEach((column, layer) => {
    if (layer === 0 && block) return;
    nodes.push(...nodesOf(surface, panel, column, layer));
    const hidden = panel.sizes[layer] - column.shown;
    const y = column.start + column.shown * column.pitch;
    if (hidden > 0) more.push({ text: `+ ${hidden} more`, x: column.x, y });
  });
  const links = linksBetween(nodes, columns.length);
  const printed = links.length > 0 && links.length <= MOST_PRINTED_LINKS;
  if (printed) placeLabels(surface, links);
  if (block) block.targets = nodes.filter((node) => node.layer === 1);
  return {
    nodes, links, more, block, printed,
    thinning: links.length > 100 ? 0.55 : links.length > 40 ? 0.75 : 1,
    captions: captionsOf(surface, panel, (layer) => columns[layer].x),
  };
}

// A column for each layer: how many units it shows, how large and how far apart they are.
function columnsOf(surface, panel) {
  const { unit, width, height } = surface;
  const last = panel.sizes.length - 1;
  const top = unit * 1.9;
  const bottom = height - unit * 0.3;
  const room = bottom - top;
  const tallRow = unit * 1.95; // a small unit with its bias below
  const lowRow = Math.max(10, unit * 0.85); // a small unit alone, its name still readable
  const mostRows = Math.max(2, Math.floor(room / lowRow));
  const columnPitch = (width - unit * 4) / Math.max(1, last);
  const hasInputPictures = panel.input_scales.length > 0;
  const largestHalf = unit * (panel.response_scales.length ? 2.8 : 1.4);

  const columns = panel.sizes.map((size, layer) => {
    const drawn = panel.drawn[layer];
    const shown = size <= Math.min(drawn, mostRows) ? size : Math.min(drawn, mostRows - 1);
    const slots = Math.max(1, shown + (size > shown ? 1 : 0));
    const slot = room / slots;
    const hasBiasRoom = slot >= tallRow && (layer === last || columnPitch >= unit * 3.4);
    const isTight = slot < unit * 3; // then the bias covers an edge of the unit
    const free = hasBiasRoom
      ? Math.max(unit * 0.9, slot - unit * (isTight ? 0.75 : 1.2))
      : slot * 0.86;
    const mostHalf =
      layer === 0 ? Math.min(largestHalf, unit * (hasInputPictures ? 1.6 : 1.2)) : largestHalf;
    const half = Math.min(mostHalf, Math.max(unit * 0.45, columnPitch * 0.2), free / 2);
    const pitch = Math.min(slot, Math.max(unit * 7, 3.1 * half));
    const biasShift = layer > 0 && hasBiasRoom ? unit * 0.4 : 0;
    const start = top + room / 2 - (pitch * (slots - 1)) / 2 - biasShift;
    return { shown, half, pitch, start, hasBiasRoom, isTight, top, bottom };
  });

  surface.setFont(0.9, 600);
  const inputText = widest(surface, panel.input_names);
  const outputText = widest(surface, panel.output_names);
  const inputHalf = columns[0].half;
  const isNameInside =
    !hasInputPictures && inputHalf > unit * 0.7 && inputText < inputHalf * 1.6;
  const left = unit * 0.4 + inputHalf + (isNameInside ? 0 : inputText + unit * 0.4);
  const right = width - unit * 0.6 - columns[last].half - (outputText + unit * 0.4);
  columns.forEach((column, layer) => {
    column.x = left + ((right - left) * layer) / Math.max(1, last);
    column.isNameInside = layer === 0 && isNameInside;
  });
  return columns;
}

function widest(surface, names) {
  return Math.max(0, ...names.map((name) => surface.context.measureText(name).width));
}

function blockOf({ x, top, bottom, half }, unit) {
  return { x, top: top + unit, bottom: bottom - unit, half };
}

function nodesOf({ unit }, panel, column, layer) {
  const { shown, half, pitch, start, x, isNameInside, isTight, hasBiasRoom } = column;
  const names = { 0: panel.input_names, [panel.sizes.length - 1]: panel.output_names }[layer];
  return Array.from({ length: shown }, (_, index) => {
    const y = start + index * pitch;
    return {
      layer, index, x, y, half, isTight,
      name: names?.[index] ?? "",
      nameSize: Math.min(0.9, (pitch / unit) * 0.85),
      nameX: isNameInside ? x : layer === 0 ? x - half - unit * 0.35 : x + half + unit * 0.4,
      nameY: y,
      nameAlign: isNameInside ? "center" : layer === 0 ? "right" : "left",
      biasSize: !hasBiasRoom ? 0 : pitch < unit * 2.4 ? 0.66 : 0.78,
    };
  });
}

function linksBetween(nodes, layerCount) {
  const columns = Array.from({ length: layerCount }, (_, layer) =>
    nodes.filter((node) => node.layer === layer),
  );
  return columns.slice(1).flatMap((targets, layer) =>
    columns[layer].flatMap((source) =>
      targets.map((target) => ({
        layer, from: source.index, to: target.index,
        x1: source.x + source.half, y1: source.y, x2: target.x - target.half, y2: target.y,
      })),
    ),
  );
}
