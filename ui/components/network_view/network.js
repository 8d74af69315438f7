// The diagram: a column of units for each layer, links between them.

const PRINTED_LINKS = 20;

// Grows with the weight, ever more slowly: small weights stay visible, large ones fit.
function linkWidth(weight, unit) {
  return unit * (0.06 + 0.38 * (1 - Math.exp(-Math.abs(weight) / 4)));
}

class NetworkDrawing {
  constructor() {
    this.bitmaps = [];
    this.layoutKey = "";
    this.pointer = null; // in pixels
    this.cursor = null; // what the keys have come to
    this.hasFocus = false;
    this.pinned = null; // the unit whose picture stays large
  }

  draw(surface, panel) {
    const key = [
      panel.sizes, panel.drawn, panel.activations, panel.input_names, panel.output_names,
      panel.image_shape, panel.response_scales.length, panel.input_scales.length,
      surface.width, surface.height, surface.unit, surface.theme.font,
    ].join("|");
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.layout = layOutNetwork(surface, panel);
    }
    const { context, theme, unit } = surface;
    const { nodes, links, captions, more, block } = this.layout;
    for (const link of links) this.drawLink(context, theme, unit, panel, link);
    context.setLineDash([]);
    if (block) drawBlock(surface, panel, block);
    if (this.layout.printed) {
      surface.setFont(0.8, 600);
      for (const link of links) {
        surface.plate(fixed(weightOf(panel, link)), link.labelX, link.labelY);
      }
    }
    for (const node of nodes) this.drawNode(surface, panel, node);
    for (const caption of captions) {
      surface.setFont(0.78);
      surface.label(caption.text, caption.x, caption.y, { color: theme.faint });
      if (caption.from !== undefined) drawSpan(surface, caption);
    }
    for (const note of more) {
      surface.setFont(0.78);
      surface.label(note.text, note.x, note.y, { color: theme.faint });
    }
    this.markPointed(surface, panel);
  }

  drawLink(context, theme, unit, panel, link) {
    const weight = weightOf(panel, link);
    const broken = !Number.isFinite(weight);
    const size = broken ? 1 : 1 - Math.exp(-Math.abs(weight) / 3);
    const width = broken ? 2 : linkWidth(weight, unit) * this.layout.thinning;
    context.lineWidth = width;
    context.strokeStyle = broken
      ? theme.wrong
      : css(weight < 0 ? theme.negative : theme.positive, 0.25 + 0.75 * size);
    context.setLineDash(broken ? [1, 4] : weight < 0 ? [2.5 + 2 * width, 2.5 + width] : []);
    context.beginPath();
    context.moveTo(link.x1, link.y1);
    context.lineTo(link.x2, link.y2);
    context.stroke();
  }

  drawNode(surface, panel, node) {
    const { context, theme, unit } = surface;
    const { x, y, half, layer, index } = node;
    const response = responseOf(panel, node);
    const left = x - half;
    const top = y - half;
    const corner = response ? Math.min(half * 0.35, unit * 0.5) : half;
    context.setLineDash([]);
    context.beginPath();
    context.roundRect(left, top, 2 * half, 2 * half, corner);
    if (response) {
      const [, rows, columns] = response.shape;
      const bitmap = bitmapFor(this.bitmaps, `${layer},${index}`);
      const start = index * rows * columns;
      bitmap.fill(columns, rows, true, (i) => theme.diverging[response.values[start + i]]);
      context.save();
      context.clip();
      bitmap.drawSamples(context, left, top, 2 * half, 2 * half);
      context.restore();
    } else {
      context.fillStyle = css(theme.neutral);
      context.fill();
    }
    context.lineWidth = Math.max(1.25, Math.min(unit * 0.1, half * 0.2));
    context.strokeStyle = theme.text;
    context.stroke();
    if (!response && layer > 0 && half > unit * 0.4) {
      drawSymbol(context, panel.activations[layer - 1], x, y, half * 0.55);
    }
    if (node.name) {
      surface.setFont(node.nameSize, 600);
      surface.label(node.name, node.nameX, node.nameY, { align: node.nameAlign });
    }
    const bias = biasOf(panel, node);
    if (bias !== null) drawBias(surface, node, bias);
  }

  // Outlines what the pointer or the cursor is on, so that the tooltip has an address.
  markPointed(surface, panel) {
    const { context, theme } = surface;
    context.setLineDash([]);
    const pinned = this.pinned && this.nodeAt(this.pinned.layer, this.pinned.index);
    if (pinned) {
      context.strokeStyle = theme.right;
      context.lineWidth = 4;
      outline(context, pinned, 4);
    }
    const found = this.pointed();
    if (!found) return;
    context.strokeStyle = theme.text;
    if (found.node) {
      context.lineWidth = 3;
      outline(context, found.node, 3);
    } else if (found.bias) {
      const { x, y, halfWidth, halfHeight } = found.bias.biasSpot;
      context.lineWidth = 2;
      context.beginPath();
      context.roundRect(x - halfWidth - 2, y - halfHeight - 2, 2 * halfWidth + 4, 2 * halfHeight + 4, 4);
      context.stroke();
    } else {
      const { x1, y1, x2, y2 } = found.link;
      const path = new Path2D();
      path.moveTo(x1, y1);
      path.lineTo(x2, y2);
      context.lineWidth = linkWidth(weightOf(panel, found.link), surface.unit) + 3;
      context.stroke(path);
      this.drawLink(context, theme, surface.unit, panel, found.link);
      context.setLineDash([]);
      if (this.layout.printed) {
        surface.setFont(0.8, 600);
        surface.plate(fixed(weightOf(panel, found.link)), found.link.labelX, found.link.labelY);
      }
    }
  }

  nodeAt(layer, index) {
    return this.layout?.nodes.find((it) => it.layer === layer && it.index === index) ?? null;
  }

  // {node}, {bias: its node} or {link} under the pointer; without a pointer, under the cursor.
  pointed() {
    if (!this.layout) return null;
    if (this.pointer) return this.targetAt(this.pointer.x, this.pointer.y);
    return this.hasFocus ? this.underCursor() : null;
  }

  targetAt(x, y) {
    const { nodes, links } = this.layout;
    const bias = nodes.find(({ biasSpot: spot }) =>
      spot && Math.abs(spot.x - x) <= spot.halfWidth + 2 && Math.abs(spot.y - y) <= spot.halfHeight + 2,
    );
    if (bias) return { bias };
    const node = nodes.find(
      (it) => Math.abs(it.x - x) <= it.half + 3 && Math.abs(it.y - y) <= it.half + 3,
    );
    if (node) return { node };
    let nearest = null;
    let least = 10;
    for (const link of links) {
      const onNumber =
        this.layout.printed && Math.abs(link.labelX - x) < 22 && Math.abs(link.labelY - y) < 9;
      const distance = onNumber ? 0 : distanceToLink(link, x, y);
      if (distance < least) [nearest, least] = [link, distance];
    }
    return nearest && { link: nearest };
  }

  // Looked up anew each time, because a new layout has new nodes and links.
  underCursor() {
    const { cursor } = this;
    if (!cursor) return null;
    if (cursor.kind === "link") {
      const link = this.layout.links.find(
        (it) => it.layer === cursor.layer && it.from === cursor.from && it.to === cursor.to,
      );
      return link ? { link } : null;
    }
    const node = this.nodeAt(cursor.layer, cursor.index);
    return node && (cursor.kind === "bias" ? { bias: node } : { node });
  }

  // Where a tooltip or an editor for a target belongs.
  spotOf({ node, bias, link }) {
    if (node) return { x: node.x + node.half, y: node.y };
    if (bias) return { x: bias.biasSpot?.x ?? bias.x, y: bias.biasSpot?.y ?? bias.y };
    return {
      x: link.labelX ?? (link.x1 + link.x2) / 2, y: link.labelY ?? (link.y1 + link.y2) / 2,
    };
  }

  spot() {
    if (this.pointer) return this.pointer;
    const found = this.layout && this.hasFocus && this.underCursor();
    return found ? this.spotOf(found) : null;
  }

  // Left and right follow the links, up and down go through a column of units with their biases,
  // or through the links of the unit that the cursor came from. True where the key was for it.
  press(key, panel) {
    if (!this.layout?.nodes.length || !/^Arrow(Left|Right|Up|Down)$/.test(key)) return false;
    this.pointer = null;
    this.begin();
    const found = this.underCursor();
    const isAcross = key === "ArrowLeft" || key === "ArrowRight";
    const step = key === "ArrowUp" || key === "ArrowLeft" ? -1 : 1;
    if (found.link) {
      this.cursor = isAcross ? this.endOf(found.link, step) : this.nextLink(found.link, step);
    } else {
      const node = found.node ?? found.bias;
      this.cursor = isAcross ? this.linkOf(node, step) : this.nextStop(panel, node, step);
    }
    return true;
  }

  // The keys start at the first unit there is.
  begin() {
    if (!this.layout?.nodes.length || this.underCursor()) return;
    const [{ layer, index }] = this.layout.nodes;
    this.cursor = { kind: "node", layer, index };
  }

  endOf({ layer, from, to }, step) {
    return step < 0
      ? { kind: "node", layer, index: from }
      : { kind: "node", layer: layer + 1, index: to };
  }

  nextLink(link, step) {
    const { fan } = this.cursor;
    const siblings = this.layout.links.filter(
      (it) => it.layer === link.layer && (fan === "in" ? it.to === link.to : it.from === link.from),
    );
    const at = siblings.indexOf(link) + step;
    const next = siblings[Math.min(siblings.length - 1, Math.max(0, at))];
    return { kind: "link", layer: next.layer, from: next.from, to: next.to, fan };
  }

  linkOf(node, step) {
    const { links } = this.layout;
    const next = step > 0
      ? links.find((it) => it.layer === node.layer && it.from === node.index)
      : links.find((it) => it.layer === node.layer - 1 && it.to === node.index);
    if (!next) return this.cursor;
    const { layer, from, to } = next;
    return { kind: "link", layer, from, to, fan: step > 0 ? "out" : "in" };
  }

  nextStop(panel, node, step) {
    const stops = this.layout.nodes
      .filter((it) => it.layer === node.layer)
      .flatMap((it) => {
        const stop = { layer: it.layer, index: it.index };
        const isBiased = biasOf(panel, it) !== null;
        return [{ kind: "node", ...stop }, ...(isBiased ? [{ kind: "bias", ...stop }] : [])];
      });
    const at = stops.findIndex(
      (it) => it.kind === this.cursor.kind && it.index === this.cursor.index,
    );
    return stops[Math.min(stops.length - 1, Math.max(0, at + step))];
  }

  // What the tooltip says, with the numbers of this moment.
  tooltip(panel) {
    const found = this.pointed();
    return found ? describeTarget(panel, found) : "";
  }

  // The unit whose answers are to be seen large: the one pointed at, or else the pinned one.
  enlargedNode(panel) {
    const found = this.pointed()?.node;
    const node = found ?? (this.pinned && this.nodeAt(this.pinned.layer, this.pinned.index));
    return node && responseOf(panel, node) ? node : null;
  }
}

function outline(context, { x, y, half }, gap) {
  context.beginPath();
  context.roundRect(x - half - gap, y - half - gap, 2 * (half + gap), 2 * (half + gap), half * 0.4);
  context.stroke();
}

function responseOf(panel, { layer }) {
  return panel.arrays[layer > 0 ? `response${layer - 1}` : "response_inputs"] ?? null;
}

// The number below the unit; where there is no room, a small plus or minus at its corner.
function drawBias(surface, node, bias) {
  const { context, theme, unit } = surface;
  const { x, y, half, biasSize } = node;
  if (biasSize > 0) {
    surface.setFont(biasSize);
    const spotY = y + half + (node.isTight ? 1 : biasSize * unit * 0.72 + 2);
    const text = `b ${fixed(bias)}`;
    surface.plate(text, x, spotY);
    const halfWidth = context.measureText(text).width / 2 + 2;
    node.biasSpot = { x, y: spotY, halfWidth, halfHeight: biasSize * unit * 0.6 };
    return;
  }
  const size = Math.min(6, Math.max(4, half * 0.5));
  const spot = { x: x - half, y: y + half - size, halfWidth: size, halfHeight: size };
  node.biasSpot = spot;
  context.fillStyle = Number.isFinite(bias)
    ? css(bias < 0 ? theme.negative : theme.positive)
    : theme.wrong;
  context.strokeStyle = theme.background;
  context.lineWidth = 1;
  context.beginPath();
  context.rect(spot.x - size, spot.y - size, 2 * size, 2 * size);
  context.fill();
  context.stroke();
  context.beginPath();
  context.moveTo(spot.x - size * 0.6, spot.y);
  context.lineTo(spot.x + size * 0.6, spot.y);
  if (bias >= 0) {
    context.moveTo(spot.x, spot.y - size * 0.6);
    context.lineTo(spot.x, spot.y + size * 0.6);
  }
  context.strokeStyle = theme.dark ? "#000" : "#fff";
  context.lineWidth = 1.6;
  context.stroke();
}

// A scene for the boundary's square: what one unit answers over the plane.
function sceneOfUnit(panel, node, boundary) {
  const response = responseOf(panel, node);
  const scale = (node.layer > 0 ? panel.response_scales[node.layer - 1] : panel.input_scales[node.index]);
  const [, rows, columns] = response.shape;
  const size = rows * columns;
  const reach = scale.high - scale.middle;
  const bytes = response.values.subarray(node.index * size, (node.index + 1) * size);
  const name = node.layer === 0 ? `input ${unitName(panel, 0, node.index)}`
    : unitName(panel, node.layer, node.index);
  const activation = node.layer > 0 ? panel.activations[node.layer - 1] : "";
  const points = boundary ? sceneOf(boundary) : null;
  const none = new Float32Array(0);
  return {
    ...panel.square,
    kind: "number",
    unit: name,
    title: `${name}${activation ? ` · ${activation}` : ""}`,
    output_name: name,
    squares: [""],
    threshold: scale.middle,
    reach,
    // A byte says too little about where a unit that is 0 over half the plane begins to rise.
    hasContour: !/relu/i.test(activation),
    field: {
      values: Float32Array.from(bytes, (byte) => scale.middle + ((byte - MIDDLE) / MIDDLE) * reach),
      shape: [1, rows, columns],
    },
    points: points?.points ?? none,
    owner: points ? points.owner.map((square) => (points.squares.length > 1 ? square && 255 : 0)) : none,
    target: points?.target ?? none,
    answer: points?.answer ?? none,
    right: points ? new Uint8Array(points.target.length).fill(1) : none,
    isTest: points?.isTest ?? none,
    hasBoth: points?.hasBoth ?? false,
    pointKind: points?.kind,
    pointMiddle: points?.threshold,
    pointReach: points?.reach,
  };
}

function describeTarget(panel, { node, bias, link }) {
  if (link) {
    const { layer, from, to } = link;
    const source = unitName(panel, layer, from);
    return `${source} → ${unitName(panel, layer + 1, to)}: weight ${exact(weightOf(panel, link))}`;
  }
  if (bias) {
    return `${unitName(panel, bias.layer, bias.index)}: bias ${exact(biasOf(panel, bias))}`;
  }
  if (node.layer === 0) return `input ${panel.input_names[node.index]}`;
  const value = biasOf(panel, node);
  const text = value === null ? "no bias" : `bias ${exact(value)}`;
  return `${unitName(panel, node.layer, node.index)} · ${panel.activations[node.layer - 1]}: ${text}`;
}

function weightOf(panel, link) {
  const { values, shape } = panel.arrays[`weight${link.layer}`];
  return link.from < 0 ? NaN : values[link.from * shape[1] + link.to];
}

function biasOf(panel, node) {
  const bias = node.layer > 0 ? panel.arrays[`bias${node.layer - 1}`] : null;
  return bias ? bias.values[node.index] : null;
}

function unitName(panel, layer, index) {
  const last = panel.sizes.length - 1;
  if (layer === 0) return panel.input_names[index] ?? `input ${index + 1}`;
  if (layer === last) return `output ${panel.output_names[index]}`;
  return last > 2 ? `hidden ${layer}.${index + 1}` : `hidden ${index + 1}`;
}

function distanceToLink({ x1, y1, x2, y2 }, x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}

function layOutNetwork(surface, panel) {
  const { context, unit, width, height } = surface;
  const last = panel.sizes.length - 1;
  const top = unit * 1.9;
  const bottom = height - unit * 0.3;
  const room = bottom - top;
  const tallRow = unit * 1.95; // a small unit with its bias below
  const lowRow = Math.max(10, unit * 0.85); // a small unit alone, its name still readable
  const fitting = Math.max(2, Math.floor(room / lowRow));
  const shown = panel.drawn.map((drawn, layer) => {
    const whole = panel.sizes[layer];
    return whole <= Math.min(drawn, fitting) ? whole : Math.min(drawn, fitting - 1);
  });
  const slotsOf = (layer) => Math.max(1, shown[layer] + (panel.sizes[layer] > shown[layer] ? 1 : 0));
  const columnPitch = (width - unit * 4) / Math.max(1, last);
  const hasBiasRoom = (layer) =>
    room / slotsOf(layer) >= tallRow && (layer === last || columnPitch >= unit * 3.4);

  const isTight = (layer) => room / slotsOf(layer) < unit * 3; // then the bias covers an edge
  surface.setFont(0.9, 600);
  const inputText = Math.max(0, ...panel.input_names.map((name) => context.measureText(name).width));
  const outputText = Math.max(
    0, ...panel.output_names.map((name) => context.measureText(name).width),
  );
  const hasInputPictures = panel.input_scales.length > 0;
  const largest = unit * (panel.response_scales.length ? 2.8 : 1.4);
  const halves = panel.sizes.map((size, layer) => {
    const pitch = room / slotsOf(layer);
    const below = unit * (isTight(layer) ? 0.75 : 1.2);
    const free = hasBiasRoom(layer) ? Math.max(unit * 0.9, pitch - below) : pitch * 0.86;
    const most = layer === 0 ? Math.min(largest, unit * (hasInputPictures ? 1.6 : 1.2)) : largest;
    return Math.min(most, Math.max(unit * 0.45, columnPitch * 0.2), free / 2);
  });
  const pitchOf = (layer) =>
    Math.min(room / slotsOf(layer), Math.max(unit * 7, 3.1 * halves[layer]));
  const inputHalf = halves[0];
  const nameInside = !hasInputPictures && inputHalf > unit * 0.7 && inputText < inputHalf * 1.6;
  const left = unit * 0.4 + inputHalf + (nameInside ? 0 : inputText + unit * 0.4);
  const right = width - unit * 0.6 - halves[last] - (outputText + unit * 0.4);
  const xOf = (layer) => left + ((right - left) * layer) / Math.max(1, last);

  const nodes = [];
  const more = [];
  let block = null;
  for (let layer = 0; layer <= last; layer++) {
    const x = xOf(layer);
    if (layer === 0 && panel.drawn[0] === 0) {
      block = { x, top: top + unit, bottom: bottom - unit, half: inputHalf };
      continue;
    }
    const hidden = panel.sizes[layer] - shown[layer];
    const pitch = pitchOf(layer);
    const biasShift = layer > 0 && hasBiasRoom(layer) ? unit * 0.4 : 0;
    const start = top + room / 2 - (pitch * (slotsOf(layer) - 1)) / 2 - biasShift;
    for (let index = 0; index < shown[layer]; index++) {
      const size = halves[layer];
      const y = start + index * pitch;
      const name =
        layer === 0 ? panel.input_names[index]
        : layer === last ? panel.output_names[index]
        : "";
      const inside = layer === 0 && nameInside;
      nodes.push({
        layer, index, x, y, half: size, name,
        nameSize: Math.min(0.9, (pitch / unit) * 0.85),
        nameX: inside ? x : layer === 0 ? x - size - unit * 0.35 : x + size + unit * 0.4,
        nameY: y,
        nameAlign: inside ? "center" : layer === 0 ? "right" : "left",
        isTight: isTight(layer),
        biasSize: !hasBiasRoom(layer) ? 0 : pitch < unit * 2.4 ? 0.66 : 0.78,
      });
    }
    if (hidden > 0) more.push({ text: `+ ${hidden} more`, x, y: start + shown[layer] * pitch });
  }

  const column = (layer) => nodes.filter((node) => node.layer === layer);
  const links = [];
  for (let layer = 0; layer < last; layer++) {
    const targets = column(layer + 1);
    const sources = layer === 0 && block ? [] : column(layer);
    for (const source of sources) {
      for (const target of targets) {
        links.push({
          layer, from: source.index, to: target.index,
          x1: source.x + source.half, y1: source.y, x2: target.x - target.half, y2: target.y,
        });
      }
    }
  }
  const printed = links.length > 0 && links.length <= PRINTED_LINKS;
  if (printed) placeLabels(surface, links);
  if (block) block.targets = column(1);
  return {
    nodes, links, more, block, printed,
    thinning: links.length > 100 ? 0.55 : links.length > 40 ? 0.75 : 1,
    captions: captionsOf(surface, panel, xOf),
  };
}

// A caption above each column; where they would touch, shorter ones, and at last one for all
// hidden layers together, which have the same activation.
function captionsOf(surface, panel, xOf) {
  const { context, unit, width } = surface;
  const last = panel.sizes.length - 1;
  const inputs = panel.sizes[0] === 1 ? "input" : "inputs";
  const hidden = panel.activations[0];
  const output = panel.activations[last - 1];
  const each = (inputText, placeOf) => [
    { text: inputText, x: xOf(0) },
    ...panel.activations.map((name, i) => ({ text: placeOf(i + 1) + name, x: xOf(i + 1) })),
  ];
  const together = (text, outputText) => [
    { text: inputs, x: xOf(0) },
    { text, x: (xOf(1) + xOf(last - 1)) / 2, from: xOf(1), to: xOf(last - 1) },
    { text: outputText, x: xOf(last) },
  ];
  const choices = [
    each(inputs, (layer) => (layer === last ? "output: " : "hidden: ")),
    each(inputs, () => ""),
  ];
  if (last > 2) {
    choices.push(
      together(`${last - 1} hidden layers: ${hidden}`, `output: ${output}`),
      together(`${last - 1} hidden layers: ${hidden}`, output),
      together(`${last - 1} × ${hidden}`, output),
    );
  }
  choices.push(each("", () => ""));
  surface.setFont(0.78);
  const gap = unit * 0.7;
  for (const captions of choices) {
    let end = -gap;
    let isClear = true;
    for (const caption of captions) {
      const half = context.measureText(caption.text).width / 2;
      caption.x = Math.min(width - half - 2, Math.max(half + 2, caption.x));
      caption.y = unit * 0.7;
      isClear &&= caption.x - half >= end + gap;
      end = caption.x + half;
    }
    if (isClear) return captions;
  }
  return choices.at(-1).slice(-1);
}

function drawSpan({ context, theme, unit }, { from, to, y }) {
  const [line, foot] = [y + unit * 0.65, y + unit * 0.9];
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(from, foot);
  context.lineTo(from, line);
  context.lineTo(to, line);
  context.lineTo(to, foot);
  context.stroke();
}

// Curves from −1 to 1 both ways, upwards positive: what a unit does, where no picture says it.
const SYMBOL_CURVES = {
  sigmoid: [[-1, -0.8], [-0.5, -0.7], [-0.2, -0.35], [0.2, 0.35], [0.5, 0.7], [1, 0.8]],
  tanh: [[-1, -0.9], [-0.3, -0.8], [0.3, 0.8], [1, 0.9]],
  ReLU: [[-1, -0.5], [0, -0.5], [1, 0.8]],
  "leaky ReLU": [[-1, -0.75], [0, -0.4], [1, 0.8]],
  identity: [[-0.8, -0.8], [0.8, 0.8]],
  step: [[-1, -0.7], [0, -0.7], [0, 0.7], [1, 0.7]],
};

function drawSymbol(context, activation, x, y, reach) {
  context.beginPath();
  if (activation === "softmax") {
    for (const [at, height] of [[-0.7, 0.5], [0, 1.6], [0.7, 0.9]]) {
      context.moveTo(x + at * reach, y + 0.8 * reach);
      context.lineTo(x + at * reach, y + (0.8 - height) * reach);
    }
  }
  for (const [at, value] of SYMBOL_CURVES[activation] ?? []) {
    context.lineTo(x + at * reach, y - value * reach);
  }
  context.lineJoin = "round";
  context.stroke();
}

// Each number lies on its own link, where it is clear of other numbers and of other links.
function placeLabels(surface, links) {
  const { unit, context } = surface;
  surface.setFont(0.8);
  const width = context.measureText("−00.00").width + 4;
  const height = unit * 1.05;
  const costOf = (link, x, y, t) => {
    let cost = Math.abs(t - 0.5);
    for (const other of links) {
      if (other === link) continue;
      const closeness = 1 - distanceToLink(other, x, y) / (height * 0.9);
      if (closeness > 0) cost += 4 * closeness;
      if (other.labelX === undefined) continue;
      const across = 1 - Math.abs(other.labelX - x) / (width * 1.15);
      const down = 1 - Math.abs(other.labelY - y) / (height * 1.6);
      if (across > 0 && down > 0) cost += 40 * across * down;
    }
    return cost;
  };
  // The first places are chosen without knowing the later ones; so each may move twice more.
  for (let round = 0; round < 3; round++) {
    for (const link of links) {
      let least = Infinity;
      let best = null;
      for (let t = 0.2; t < 0.81; t += 0.04) {
        const x = link.x1 + t * (link.x2 - link.x1);
        const y = link.y1 + t * (link.y2 - link.y1);
        const cost = costOf(link, x, y, t);
        if (cost < least) [least, best] = [cost, { x, y }];
      }
      link.labelX = best.x;
      link.labelY = best.y;
    }
  }
}

// Pixels and other crowds of inputs: one block, with a fan to each unit that says "all of them".
function drawBlock(surface, panel, block) {
  const { context, theme, unit } = surface;
  const { x, top, bottom, half } = block;
  const shape = panel.image_shape;
  context.strokeStyle = theme.line;
  context.lineWidth = 1;
  for (const target of block.targets) {
    for (const y of [top, bottom]) {
      context.beginPath();
      context.moveTo(x + half, y);
      context.lineTo(target.x - target.half, target.y);
      context.stroke();
    }
  }
  context.beginPath();
  context.roundRect(x - half, top, 2 * half, bottom - top, unit * 0.5);
  context.fillStyle = css(theme.neutral);
  context.fill();
  context.strokeStyle = theme.text;
  context.lineWidth = Math.max(1.25, unit * 0.1);
  context.stroke();
  context.save();
  context.translate(x, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  surface.setFont(0.9, 600);
  const text = shape ? `${shape[0]} × ${shape[1]} pixels` : `${panel.sizes[0]} inputs`;
  surface.label(text, 0, 0);
  context.restore();
}

function describeNetwork(panel) {
  const parts = [`Network ${panel.sizes.join("-")}.`];
  const last = panel.sizes.length - 1;
  let said = 0;
  for (let layer = 0; layer < last && said < 24; layer++) {
    const { values, shape } = panel.arrays[`weight${layer}`];
    for (let from = 0; from < shape[0] && said < 24; from++) {
      for (let to = 0; to < shape[1] && said < 24; to++, said++) {
        const value = fixed(values[from * shape[1] + to]);
        const source = unitName(panel, layer, from);
        parts.push(`Weight ${source} to ${unitName(panel, layer + 1, to)}: ${value}.`);
      }
    }
    const bias = panel.arrays[`bias${layer}`];
    for (let to = 0; bias && to < bias.values.length && said < 24; to++, said++) {
      parts.push(`Bias of ${unitName(panel, layer + 1, to)}: ${fixed(bias.values[to])}.`);
    }
  }
  if (said >= 24) parts.push("And so on.");
  return parts.join(" ");
}
