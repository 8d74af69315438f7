// Links as lines: how wide they are, how far a point is from them, where their numbers stand.

/**
 * The width of a link in pixels. It grows with the weight, ever more slowly: small weights stay
 * visible, large ones fit.
 */
export function linkWidth(weight, unit) {
  return unit * (0.06 + 0.38 * (1 - Math.exp(-Math.abs(weight) / 4)));
}

/** Pixels from a point to the nearest point of a link. */
export function distanceToLink({ x1, y1, x2, y2 }, x, y) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy);
  const t = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - t * dx, y - y1 - t * dy);
}

/** Places each number on its own link, where it is clear of other numbers and of other links. */
export function placeLabels(surface, links) {
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
