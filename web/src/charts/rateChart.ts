import { shortened } from "../numbers/format";
import { h, svg } from "../page/dom";
import { type Axis, rateAxis, rateMarks, valueAxis } from "./rateAxis";

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
  const x = rateAxis(options.rates);
  const y = valueAxis(options.points.map((point) => point.value), (options.limits ?? []).map((limit) => limit.value), options.logarithmic ?? false);
  const bottom = (value: number): number => y.position(value);
  return h(
    "figure",
    { class: `chart card rate-chart${options.tall ? " tall" : ""}` },
    h("figcaption", null, h("h3", null, options.title), options.legend),
    h(
      "div",
      { class: "rate-area", role: "img", "aria-label": options.description },
      options.capacity ? band(options.capacity, x) : null,
      y.marks.map((mark) => at(h("i", { class: "rate-grid" }, h("span", null, shortened(options.formatY(mark)))), null, bottom(mark))),
      rateMarks(options.rates, x.position, options.tall ? 10 : 32).map((mark) => at(h("span", { class: "rate-tick" }, shortened(options.formatX(mark))), x.position(mark), null)),
      (options.limits ?? []).filter((limit) => y.holds(limit.value)).map((limit) => at(h("i", { class: "rate-limit" }, h("span", null, limit.label)), null, bottom(limit.value))),
      options.line ? curve(options.points, x.position, bottom) : null,
      options.points.map((point) => at(h("i", { class: `rate-point ${point.mark}`, title: point.text }), x.position(point.rate), bottom(point.value))),
    ),
  );
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

/** An interval that ends beyond every rate that was tried is cut at the chart's edge. */
function band({ low, high, rate }: { low: number; high: number; rate: number }, x: Axis): HTMLElement[] {
  const [left, right] = [x.within(low), x.within(high)];
  const area = at(h("i", { class: "rate-band" }), Math.min(left, 99.7), null);
  area.style.width = `${Math.max(0.3, right - left)}%`;
  return [area, at(h("i", { class: "rate-answer" }), x.within(rate), null)];
}

function at<E extends HTMLElement>(element: E, left: number | null, bottom: number | null): E {
  if (left !== null) element.style.left = `${left.toFixed(3)}%`;
  if (bottom !== null) element.style.bottom = `${bottom.toFixed(3)}%`;
  return element;
}
