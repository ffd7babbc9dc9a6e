import { shortened } from "../numbers/format";
import { h, svg } from "../page/dom";
import { logSplits } from "./logScale";

export interface RatePoint {
  rate: number;
  value: number;
  /** Its shape and colour. */
  mark: "met" | "missed" | "unsure" | "plain";
  /** What it is, in words. */
  text: string;
}

export interface RateChartOptions {
  title: string;
  /** What the chart shows, in words, for those who do not see it. */
  description: string;
  /** Lowest and highest rate of all charts that stand beside each other. */
  rates: { low: number; high: number };
  points: RatePoint[];
  /** A line through the middle of the points of every rate. */
  line?: boolean;
  logarithmic?: boolean;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  /** Values that are drawn as a line across, with a name. */
  limits?: { label: string; value: number }[];
  /** Where the capacity lies. */
  capacity?: { low: number; high: number; rate: number } | null;
  legend?: HTMLElement;
  tall?: boolean;
}

/** Points against the rate of arrivals, which is logarithmic: everything is placed in percent, so that it is drawn once for every width and theme. */
export function rateChart(options: RateChartOptions): HTMLElement {
  const x = logarithmic(options.rates.low / 1.12, options.rates.high * 1.12);
  const y = valueAxis(options);
  const bottom = (value: number): number => y.position(value);
  return h(
    "figure",
    { class: `chart card rate-chart${options.tall ? " tall" : ""}` },
    h("figcaption", null, h("h3", null, options.title), options.legend),
    h(
      "div",
      { class: "rate-area", role: "img", "aria-label": options.description },
      options.capacity ? band(x.position(options.capacity.low), x.position(options.capacity.high), x.position(options.capacity.rate)) : null,
      y.marks.map((mark) => at(h("i", { class: "rate-grid" }, h("span", null, shortened(options.formatY(mark)))), null, bottom(mark))),
      rateMarks(options.rates, x.position, options.tall ? 10 : 32).map((mark) => at(h("span", { class: "rate-tick" }, shortened(options.formatX(mark))), x.position(mark), null)),
      (options.limits ?? []).filter((limit) => y.holds(limit.value)).map((limit) => at(h("i", { class: "rate-limit" }, h("span", null, limit.label)), null, bottom(limit.value))),
      options.line ? curve(options.points, x.position, bottom) : null,
      options.points.map((point) => at(h("i", { class: `rate-point ${point.mark}`, title: point.text }), x.position(point.rate), bottom(point.value))),
    ),
  );
}

interface Axis {
  position: (value: number) => number;
}

function logarithmic(low: number, high: number): Axis {
  const span = Math.log(high / low) || 1;
  return { position: (value) => (100 * Math.log(Math.max(value, low) / low)) / span };
}

/** From 0, or of all decades that there are; a limit is part of it where the points come near it. */
function valueAxis(options: RateChartOptions): Axis & { marks: number[]; holds: (value: number) => boolean } {
  const values = options.points.map((point) => point.value).filter((value) => !options.logarithmic || value > 0);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const near = (options.limits ?? []).map((limit) => limit.value).filter((value) => value <= 4 * highest);
  if (options.logarithmic) {
    const [low, high] = [Math.min(lowest, ...near) / 1.4, Math.max(highest, ...near) * 1.4];
    return { ...logarithmic(low, high), marks: logSplits(low, high, 6), holds: (value) => value > low && value < high };
  }
  const high = Math.max(highest, ...near, Number.MIN_VALUE) * 1.12;
  return { position: (value) => (100 * value) / high, marks: roundMarks(high), holds: (value) => value < high };
}

/** The lowest and the highest rate, and round ones between them where there is room, in percent of the width. */
function rateMarks({ low, high }: RateChartOptions["rates"], x: (value: number) => number, room: number): number[] {
  const marks = [low];
  for (const mark of logSplits(low, high, 9)) if (x(mark) - x(marks.at(-1) as number) >= room && x(high) - x(mark) >= room) marks.push(mark);
  return high > low ? [...marks, high] : marks;
}

/** Three or four whole steps of 1, 2, 2.5 or 5 of a decade, from 0 on. */
function roundMarks(high: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(high / 4));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => (factor * decade * 4) >= high) ?? 10) * decade;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}

/** Stretched with the area; its width is not. */
function curve(points: RatePoint[], x: (value: number) => number, y: (value: number) => number): SVGElement {
  const rates = [...new Set(points.map((point) => point.rate))].sort((a, b) => a - b);
  const middle = rates.map((rate) => {
    const values = points.filter((point) => point.rate === rate).map((point) => point.value).sort((a, b) => a - b);
    return `${x(rate).toFixed(2)},${(100 - y(values[(values.length - 1) >> 1] as number)).toFixed(2)}`;
  });
  return svg("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("polyline", { points: middle.join(" ") }));
}

function band(low: number, high: number, rate: number): HTMLElement[] {
  const area = at(h("i", { class: "rate-band" }), low, null);
  area.style.width = `${Math.max(0.3, high - low)}%`;
  return [area, at(h("i", { class: "rate-answer" }), rate, null)];
}

function at<E extends HTMLElement>(element: E, left: number | null, bottom: number | null): E {
  if (left !== null) element.style.left = `${left.toFixed(3)}%`;
  if (bottom !== null) element.style.bottom = `${bottom.toFixed(3)}%`;
  return element;
}
