import type { ComparisonData, MetricComparison } from "../contract/comparison";
import { change, ChangeAxis, metricLabels, metricValue, verdictWords } from "../numbers/change";
import { Unknown } from "../numbers/format";
import { h, name } from "../page/dom";
import { icon } from "../page/icons";
import { findingItem } from "./findings";

/** The answer of repeated runs first, then each metric with the interval that it rests on. */
export function comparison(data: ComparisonData | undefined): (HTMLElement | null)[] {
  if (!data) return [];
  const { result } = data;
  const state = result.worse ? "fail" : result.gates ? "pass" : "neutral";
  const deciding = result.metrics.filter((metric) => !metric.advisory);
  const advisory = result.metrics.filter((metric) => metric.advisory);
  return [
    h(
      "section",
      { class: `verdict card ${state}`, "aria-label": "Verdict" },
      h("div", { class: "verdict-head" }, h("span", { class: "badge-icon" }, icon(state === "fail" ? "fail" : state === "pass" ? "pass" : "info")), h("div", null, h("h2", null, name(data.headline)), h("p", { class: "muted" }, name(result.after), " compared with ", name(result.before), ". ", name(data.basis), "."))),
    ),
    metricsCard("What decides", deciding, result.threshold),
    metricsCard(deciding.length > 0 ? "Advice only" : "Described, not judged", advisory, result.threshold),
    result.findings.length > 0 ? h("section", { class: "findings" }, h("h2", null, "Findings of the comparison"), h("ul", null, result.findings.map((finding) => findingItem(finding, null)))) : null,
  ];
}

function metricsCard(title: string, metrics: MetricComparison[], threshold: number): HTMLElement | null {
  if (metrics.length === 0) return null;
  const axis = new ChangeAxis(metrics.flatMap((metric) => [metric.change, metric.interval?.lower ?? metric.change, metric.interval?.upper ?? metric.change]), threshold);
  const head = ["Metric", "before", "after", "change", "", "verdict", "could see"].map((label, i) => (i === 4 ? h("th", { scope: "col", class: "change-scale" }, scale(axis)) : h("th", { scope: "col", class: i > 0 && i < 4 ? "number" : null }, label)));
  return h(
    "section",
    { class: "card changes" },
    h("h2", null, title),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, h("table", { class: "changes-table" }, h("thead", null, h("tr", null, head)), h("tbody", null, metrics.map((metric) => row(metric, axis, threshold))))),
    h("p", { class: "muted" }, `Dot: estimate. Bar: its exact interval, 95 % or more. Shaded: changes below ${change(threshold).slice(1)}, which do not matter. Could see: the smallest change for the worse that these runs find four times of five.`),
  );
}

function row(metric: MetricComparison, axis: ChangeAxis, threshold: number): HTMLElement {
  const visible = metric.smallestVisible == null ? Unknown : change(metric.metric === "throughput" ? 1 / (1 + metric.smallestVisible) - 1 : metric.smallestVisible);
  const tone = metric.verdict === "worse" ? "bad" : metric.verdict === "better" ? "good" : "";
  return h(
    "tr",
    { "data-metric": metric.metric, "data-endpoint": metric.endpoint },
    h("th", { scope: "row" }, metric.endpoint ? [name(metric.endpoint), " "] : null, metricLabels[metric.metric]),
    h("td", { class: "number" }, metricValue(metric.metric, metric.beforeMedian)),
    h("td", { class: "number" }, metricValue(metric.metric, metric.afterMedian)),
    h("td", { class: "number" }, change(metric.change)),
    h("td", null, intervalTrack(axis, metric.change, metric.interval, metric.verdict, threshold)),
    h("td", { class: tone, title: metric.reason }, h("b", null, verdictWords[metric.verdict]), h("span", { class: "visually-hidden" }, `: ${metric.reason}`)),
    h("td", { class: "number" }, visible),
  );
}

/** The labels of the axis. */
export function scale(axis: ChangeAxis): HTMLElement {
  return h("div", { class: "change-labels", "aria-hidden": "true" }, axis.marks().map((mark) => placed(h("span", null, mark === 0 ? "0" : change(mark)), axis.position(mark))));
}

/** A bar from end to end of the interval, the estimate as a dot on it, over the band of changes that do not matter. */
export function intervalTrack(axis: ChangeAxis, estimate: number, interval: { lower: number; upper: number } | null | undefined, tone: string, threshold: number): HTMLElement {
  const band = placed(h("i", { class: "change-band" }), axis.position(1 / (1 + threshold) - 1));
  band.style.width = `${axis.position(threshold) - axis.position(1 / (1 + threshold) - 1)}%`;
  const bar = interval ? placed(h("i", { class: "change-bar" }), axis.position(interval.lower)) : null;
  if (bar && interval) bar.style.width = `${Math.max(0.4, axis.position(interval.upper) - axis.position(interval.lower))}%`;
  const text = interval ? `${change(interval.lower)} to ${change(interval.upper)}` : "no interval";
  return h("div", { class: `change-track ${tone}`, role: "img", "aria-label": text, title: text }, band, placed(h("i", { class: "change-none" }), 50), bar, placed(h("i", { class: "change-dot" }), axis.position(estimate)));
}

function placed(element: HTMLElement, percent: number): HTMLElement {
  element.style.left = `${percent}%`;
  return element;
}
