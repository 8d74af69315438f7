// Lines over the steps.

class CurveDrawing {
  draw(surface, panel) {
    const { context, theme, unit, width, height } = surface;
    const lines = panel.series.map((series, i) => ({
      ...series,
      steps: panel.arrays[`steps${i}`].values,
      low: panel.arrays[`low${i}`].values,
      high: panel.arrays[`high${i}`].values,
      ink: css(mix(toRgb(series.color), theme.ink, 0.3)), // text needs more contrast than lines
      dash: DASHES[i % DASHES.length],
    }));
    const legendHeight = lines.length ? unit * 1.4 : 0;
    const left = unit * 3.2;
    const right = unit * 3.6;
    const top = unit * 0.9 + legendHeight;
    const bottom = unit * 2.4;
    const plot = { x: left, y: top, width: width - left - right, height: height - top - bottom };
    if (plot.width < 20 || plot.height < 20) return;
    const domain = this.domain(panel, lines);
    const placeX = (step) => plot.x + (step / domain.lastStep) * plot.width;
    const placeY = (value) => {
      const share = panel.log
        ? (Math.log10(Math.max(value, domain.low)) - Math.log10(domain.low)) /
          (Math.log10(domain.high) - Math.log10(domain.low))
        : (value - domain.low) / (domain.high - domain.low);
      return plot.y + (1 - Math.min(1.02, Math.max(-0.02, share))) * plot.height;
    };
    this.drawAxes(surface, panel, plot, domain, placeX, placeY);
    for (const line of lines) drawSeries(context, theme, unit, line, placeX, placeY);
    this.labelEnds(surface, lines, plot, placeY);
    if (lines.length) drawLegend(surface, lines, plot.x, unit * 0.8);
    drawCurveMarks(surface, panel.marks ?? [], plot, domain, placeX);
    if (panel.mark !== null && panel.mark <= domain.lastStep) {
      this.drawMark(surface, panel.mark, plot, placeX(panel.mark));
    }
  }

  domain(panel, lines) {
    let [low, high, lastStep] = [Infinity, -Infinity, 1];
    for (const { steps, low: lows, high: highs } of lines) {
      for (let i = 0; i < steps.length; i++) {
        if (steps[i] > lastStep) lastStep = steps[i];
        if (lows[i] < low && (!panel.log || lows[i] > 0)) low = lows[i];
        if (highs[i] > high && Number.isFinite(highs[i])) high = highs[i];
      }
    }
    if (panel.y_range) [low, high] = panel.y_range;
    else if (!Number.isFinite(low) || high < low) [low, high] = panel.log ? [0.001, 1] : [0, 1];
    else if (panel.log) {
      // Half decades, so that the axis stands still most of the time.
      low = 10 ** (Math.floor(Math.log10(low) * 2 - 1e-9) / 2);
      high = 10 ** (Math.ceil(Math.log10(high) * 2 + 1e-9) / 2);
    } else {
      low = Math.min(0, low);
      const step = niceStep(high - low || 1, 4);
      low = Math.floor(low / step) * step;
      high = Math.max(low + step, Math.ceil(high / step) * step);
    }
    return { low, high, lastStep };
  }

  drawAxes(surface, panel, plot, domain, placeX, placeY) {
    const { context, theme, unit } = surface;
    const { low, high, lastStep } = domain;
    const ticks = [];
    if (panel.log) {
      const [first, last] = [Math.ceil(Math.log10(low) - 1e-6), Math.floor(Math.log10(high) + 1e-6)];
      const every = Math.ceil((last - first + 1) / (plot.height / (unit * 2)));
      for (let power = first; power <= last; power += every) ticks.push(10 ** power);
      if (ticks.length < 2) {
        for (let power = first - 1; power <= last; power++) {
          for (const factor of [2, 5]) ticks.push(factor * 10 ** power);
        }
      }
    } else {
      const step = niceStep(high - low, Math.floor(plot.height / (unit * 2.2)));
      for (let tick = low; tick <= high + step / 1e6; tick += step) ticks.push(tick);
    }
    context.setLineDash([]);
    context.lineWidth = 1;
    context.strokeStyle = theme.line;
    surface.setFont(0.75);
    context.beginPath();
    for (const tick of ticks.filter((it) => it >= low * 0.999 && it <= high * 1.001)) {
      const y = Math.round(placeY(tick)) + 0.5;
      context.moveTo(plot.x, y);
      context.lineTo(plot.x + plot.width, y);
      surface.write(tickText(tick, panel.log), plot.x - unit * 0.4, y, {
        align: "right", color: theme.faint,
      });
      context.lineWidth = 1;
      context.strokeStyle = theme.line;
    }
    const floor = plot.y + plot.height;
    const bottom = surface.height - floor;
    const most = Math.max(2, Math.floor(plot.width / (unit * 3.2)));
    let stepX = Math.max(1, niceStep(lastStep, most)); // there are no half steps
    if (stepX > lastStep) stepX = Math.max(1, niceStep(lastStep, most + 1)); // else 0 stands alone
    for (let tick = 0; tick <= lastStep; tick += stepX) {
      const x = Math.round(placeX(tick)) + 0.5;
      context.moveTo(x, floor);
      context.lineTo(x, floor + unit * 0.3);
    }
    context.moveTo(plot.x + 0.5, plot.y);
    context.lineTo(plot.x + 0.5, floor + 0.5);
    context.lineTo(plot.x + plot.width, floor + 0.5);
    context.stroke();
    for (let tick = 0; tick <= lastStep; tick += stepX) {
      surface.write(compact(tick), placeX(tick), floor + unit * 0.85, { color: theme.faint });
    }
    surface.setFont(0.8);
    surface.write(panel.x_label, plot.x + plot.width / 2, floor + unit * 1.8, {
      color: theme.faint,
    });
    context.save();
    context.translate(unit * 0.6, plot.y + plot.height / 2);
    context.rotate(-Math.PI / 2);
    const scales = panel.log ? [", log scale", " (log)", ""] : [""];
    const titles = scales.map((scale) => panel.y_label + scale);
    const room = plot.height + bottom;
    const title = titles.find((text) => context.measureText(text).width <= room) ?? "";
    const reach = context.measureText(title).width / 2;
    // A long title reaches down beside the axis below rather than out at the top.
    surface.write(title, Math.min(0, plot.height / 2 + plot.y - reach), 0, { color: theme.faint });
    context.restore();
  }

  // The step that is looked back at: a line with a grip at its foot, where a slider has its own.
  drawMark(surface, step, plot, x) {
    const { context, theme, unit } = surface;
    const floor = plot.y + plot.height;
    context.setLineDash([]);
    context.strokeStyle = context.fillStyle = theme.text;
    context.lineWidth = unit * 0.12;
    context.beginPath();
    context.moveTo(x, plot.y - unit * 0.1);
    context.lineTo(x, floor);
    context.stroke();
    context.beginPath();
    context.arc(x, floor, unit * 0.32, 0, 2 * Math.PI);
    context.fill();
    surface.setFont(0.8, 600);
    const isRight = x > plot.x + plot.width * 0.7;
    surface.write(compact(step), x + unit * (isRight ? -0.3 : 0.3), plot.y + unit * 0.3, {
      align: isRight ? "right" : "left", color: theme.text,
    });
  }

  labelEnds(surface, lines, plot, placeY) {
    const { unit, height } = surface;
    surface.setFont(0.8, 600);
    const space = unit * 1.1;
    const labels = lines
      .filter((line) => line.last !== null && line.steps.length)
      .map((line) => ({
        line,
        y: typeof line.last === "number" ? placeY(line.last) : plot.y,
      }))
      .sort((a, b) => a.y - b.y);
    labels.forEach((label, i) => {
      if (i > 0) label.y = Math.max(label.y, labels[i - 1].y + space);
    });
    for (let i = labels.length - 1; i >= 0; i--) {
      const limit = i === labels.length - 1 ? height - unit * 0.7 : labels[i + 1].y - space;
      labels[i].y = Math.min(labels[i].y, limit);
    }
    for (const { line, y } of labels) {
      surface.write(short(line.last), plot.x + plot.width + unit * 0.35, y, {
        align: "left", color: line.ink,
      });
    }
  }
}

function drawSeries(context, theme, unit, line, placeX, placeY) {
  const { steps, low, high, color, dash } = line;
  context.lineJoin = "round";
  context.setLineDash([]);
  context.beginPath();
  let isBand = false;
  for (let i = 0; i < steps.length; i++) {
    context.lineTo(placeX(steps[i]), placeY(high[i]));
    isBand ||= high[i] > low[i];
  }
  if (isBand) {
    for (let i = steps.length - 1; i >= 0; i--) context.lineTo(placeX(steps[i]), placeY(low[i]));
    context.globalAlpha = 0.3;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
  }
  context.beginPath();
  let drawing = false;
  for (let i = 0; i < steps.length; i++) {
    const middle = (low[i] + high[i]) / 2;
    if (!Number.isFinite(middle)) {
      drawing = false;
      continue;
    }
    if (drawing) context.lineTo(placeX(steps[i]), placeY(middle));
    else context.moveTo(placeX(steps[i]), placeY(middle));
    drawing = true;
  }
  context.strokeStyle = color;
  context.lineWidth = unit * 0.16;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
  if (steps.length === 1) {
    context.beginPath();
    context.arc(placeX(steps[0]), placeY(high[0]), unit * 0.2, 0, 2 * Math.PI);
    context.fillStyle = color;
    context.fill();
  }
}

function drawLegend(surface, lines, x, y) {
  const { context, unit } = surface;
  surface.setFont(0.8);
  for (const { name, color, dash } of lines) {
    context.strokeStyle = color;
    context.lineWidth = unit * 0.18;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + unit * 2, y);
    context.stroke();
    surface.write(name, x + unit * 2.3, y, { align: "left" });
    x += unit * 3.2 + context.measureText(name).width;
  }
}

// Steps at which somebody reached into the run.
function drawCurveMarks(surface, marks, plot, domain, placeX) {
  const { context, theme, unit } = surface;
  context.strokeStyle = theme.faint;
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  for (const { step } of marks) {
    const x = Math.round(placeX(Math.min(step, domain.lastStep))) + 0.5;
    context.moveTo(x, plot.y);
    context.lineTo(x, plot.y + plot.height);
  }
  context.stroke();
  context.setLineDash([]);
  const last = marks.at(-1);
  if (!last) return;
  surface.setFont(0.72);
  const x = placeX(Math.min(last.step, domain.lastStep));
  const isLate = x > plot.x + plot.width / 2;
  surface.label(last.text, x + (isLate ? -4 : 4), plot.y + unit * 0.6, {
    align: isLate ? "right" : "left", color: theme.faint,
  });
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function tickText(value, log) {
  const power = Math.log10(Math.abs(value));
  if (log && Math.abs(power - Math.round(power)) < 1e-6 && Math.abs(power) > 3.5) {
    const digits = [...String(Math.abs(Math.round(power)))].map((digit) => SUPERSCRIPTS[digit]);
    return `10${power < 0 ? "⁻" : ""}${digits.join("")}`;
  }
  return `${+value.toPrecision(6)}`.replace("-", "−");
}

function describeCurve(panel) {
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
