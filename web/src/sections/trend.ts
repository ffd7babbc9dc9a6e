import type { RunTrend, TrendData, TrendSeries } from "../contract/comparison";
import { extent } from "../numbers/extent";
import { metricLabels, metricValue } from "../numbers/change";
import { instant } from "../numbers/format";
import { h, name, svg } from "../page/dom";
import { icon } from "../page/icons";

const Width = 1000;
const Height = 150;
const Edge = 12;

/** The history of runs: what changed first, then every metric over the runs with its levels. */
export function trend(data: TrendData | undefined): (HTMLElement | null)[] {
  if (!data) return [];
  return [
    h(
      "section",
      { class: "verdict card neutral", "aria-label": "Verdict" },
      h("div", { class: "verdict-head" }, h("span", { class: "badge-icon" }, icon("info")), h("div", null, h("h2", null, data.headline), data.sentences.map((sentence) => h("p", null, name(sentence))), h("p", { class: "muted" }, data.caution))),
    ),
    ...data.trends.map(history),
  ];
}

function history(one: RunTrend): HTMLElement {
  const [first, last] = [one.points[0], one.points.at(-1)];
  return h(
    "section",
    { class: "card trend" },
    h("h2", null, name(one.plan)),
    h("p", { class: "muted" }, `${one.points.length} runs, ${instant(first?.startedAt ?? "")} to ${instant(last?.startedAt ?? "")}. `, name(one.machine)),
    one.series.map((series) => chart(one, series)),
  );
}

function chart(one: RunTrend, series: TrendSeries): HTMLElement {
  const known = series.values.filter((value) => value != null && value > 0) as number[];
  const range = extent(known) ?? { low: 1, high: 2 };
  // At least a tenth between the edges, so that noise is not drawn as drama.
  const middle = Math.sqrt(range.low * range.high);
  const half = Math.max(Math.log(range.high / middle), 0.05) * 1.1;
  const x = (i: number): number => Edge + (series.values.length > 1 ? (i / (series.values.length - 1)) * (Width - 2 * Edge) : Width / 2 - Edge);
  const y = (value: number): number => Height / 2 - (Math.log(value / middle) / half) * (Height / 2 - Edge);
  const starts = [0, ...series.changes.map((change) => change.index), series.values.length];
  const levels = starts.slice(0, -1).map((from, i) => {
    const inLevel = (series.values.slice(from, starts[i + 1]).filter((value) => value != null) as number[]).sort((a, b) => a - b);
    const level = inLevel.length > 0 ? ((inLevel[(inLevel.length - 1) >> 1] as number) + (inLevel[inLevel.length >> 1] as number)) / 2 : middle;
    return svg("line", { class: "trend-level", x1: x(from), x2: x((starts[i + 1] as number) - 1), y1: y(level), y2: y(level) });
  });
  const label = `${metricLabels[series.metric]}: ${metricValue(series.metric, range.low)} to ${metricValue(series.metric, range.high)}`;
  return h(
    "figure",
    { class: "trend-chart", "data-metric": series.metric },
    h("figcaption", null, h("b", null, metricLabels[series.metric]), h("span", { class: "muted" }, ` ${metricValue(series.metric, range.low)} to ${metricValue(series.metric, range.high)}`)),
    svg(
      "svg",
      { viewBox: `0 0 ${Width} ${Height}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
      ...series.changes.map((change) => svg("line", { class: `trend-change ${change.worse ? "bad" : "good"}`, x1: x(change.index - 0.5), x2: x(change.index - 0.5), y1: 0, y2: Height })),
      ...levels,
      ...series.values.flatMap((value, i) => (value == null ? [] : [dot(x(i), y(value), `${one.points[i]?.name ?? ""}, ${instant(one.points[i]?.startedAt ?? "")}: ${metricValue(series.metric, value)}`)])),
    ),
  );
}

/** A line of no length with round ends stays a circle when the drawing is stretched. */
const dot = (cx: number, cy: number, text: string): SVGElement => svg("line", { class: "trend-dot", x1: cx, x2: cx, y1: cy, y2: cy }, svg("title", null, text));
