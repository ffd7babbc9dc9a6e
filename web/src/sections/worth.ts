import type { AblationData, MetricComparison, SwitchWorth } from "../contract/comparison";
import { change, ChangeAxis, metricLabels, verdictWords } from "../numbers/change";
import { Unknown } from "../numbers/format";
import { h, name } from "../page/dom";
import { icon } from "../page/icons";
import { intervalTrack, scale } from "./comparison";
import { findingItem } from "./findings";

/** What each switch is worth: the answer in words, then a table a metric, the one that the order follows first. */
export function worth(data: AblationData | undefined): (HTMLElement | null)[] {
  if (!data) return [];
  const [first = "", ...rest] = data.summary;
  return [
    h(
      "section",
      { class: "verdict card neutral", "aria-label": "Verdict" },
      h("div", { class: "verdict-head" }, h("span", { class: "badge-icon" }, icon("info")), h("div", null, h("h2", null, name(first)), rest.map((sentence) => h("p", null, name(sentence))), h("p", { class: "muted" }, data.basis, "."))),
    ),
    ...data.metrics.map((metric) => table(data, metric)),
    data.result.findings.length > 0 ? h("section", { class: "findings" }, h("h2", null, "Findings of the ablation"), h("ul", null, data.result.findings.map((finding) => findingItem(finding, null)))) : null,
  ];
}

function table({ result }: AblationData, metric: MetricComparison["metric"]): HTMLElement {
  const of = (metrics: MetricComparison[]): MetricComparison | undefined => metrics.find((comparison) => comparison.metric === metric);
  const all = result.switches.flatMap((row) => [of(row.alone), of(row.last)]).filter((comparison) => comparison !== undefined);
  const axis = new ChangeAxis(all.flatMap((comparison) => [comparison.change, comparison.interval?.lower ?? comparison.change, comparison.interval?.upper ?? comparison.change]), result.threshold);
  const group = (label: string): HTMLElement[] => [h("th", { scope: "col", class: "number" }, label), h("th", { scope: "col", class: "change-scale half" }, scale(axis)), h("th", { scope: "col" }, "")];
  const row = (worth: SwitchWorth): HTMLElement => h("tr", { "data-switch": worth.name }, h("th", { scope: "row" }, name(worth.name)), cells(of(worth.alone), axis, result.threshold), cells(of(worth.last), axis, result.threshold));
  const title = `${metricLabels[metric]}: what turning each switch on changes`;
  return h(
    "section",
    { class: "card changes", "data-metric": metric },
    h("h2", null, title),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, h("table", { class: "changes-table" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Switch"), group("alone on plain"), group("on top of the others"))), h("tbody", null, result.switches.map(row)))),
    h("p", { class: "muted note" }, "Dot: estimate. Bar: its exact interval, 95 % or more. Both columns have the same scale of factors. A switch that is worth much alone and little on top of the others does what another one does, too."),
  );
}

function cells(metric: MetricComparison | undefined, axis: ChangeAxis, threshold: number): HTMLElement[] {
  if (!metric) return [h("td", { class: "number" }, Unknown), h("td"), h("td")];
  const tone = metric.verdict === "worse" ? "bad" : metric.verdict === "better" ? "good" : "";
  return [h("td", { class: "number" }, change(metric.change)), h("td", null, intervalTrack(axis, metric.change, metric.interval, metric.verdict, threshold)), h("td", { class: tone, title: metric.reason }, verdictWords[metric.verdict])];
}
