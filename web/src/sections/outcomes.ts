import type { LabeledRun } from "../contract/reportData";
import { bytes, count, percent, Unknown } from "../numbers/format";
import { cpuPerRequest, errorRate, p50, p95, p99, requests, throughput } from "../numbers/metrics";
import { h, name } from "../page/dom";

/** What came back: statuses, errors by kind, and the same figures for each phase. */
export function outcomes(runs: LabeledRun[]): HTMLElement {
  return h("div", { class: "pair" }, counts("Statuses", "Status", runs, (run) => run.run.statuses, "No response came back."), counts("Errors", "Kind", runs, (run) => run.run.errorsByKind, "No errors."));
}

function counts(title: string, heading: string, runs: LabeledRun[], of: (run: LabeledRun) => Record<string, number> | undefined, none: string): HTMLElement {
  const keys = [...new Set(runs.flatMap((run) => Object.keys(of(run) ?? {})))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const section = (content: HTMLElement): HTMLElement => h("section", { class: "card", "aria-label": title }, h("h2", null, title), content);
  if (keys.length === 0) return section(h("p", { class: "empty" }, none));
  const rows = keys.map((key) => h("tr", null, h("th", { scope: "row" }, name(key)), runs.map((run) => countCell(of(run)?.[key], run.run.summary.requests))));
  const head = h("tr", null, h("th", { scope: "col" }, heading), runs.map((run) => h("th", { scope: "col", class: "number" }, runs.length > 1 ? name(run.label) : "Count")));
  return section(h("div", { class: "scroll" }, h("table", null, h("caption", { class: "visually-hidden" }, title), h("thead", null, head), h("tbody", null, rows))));
}

function countCell(value: number | undefined, total: number): HTMLElement {
  if (value === undefined) return h("td", { class: "number muted" }, "0");
  return h("td", { class: "number", "data-value": value }, count(value), h("span", { class: "muted share" }, ` ${total > 0 ? percent(value / total) : Unknown}`));
}

export function phases(runs: LabeledRun[]): HTMLElement | null {
  if (!runs.some(({ run }) => (run.phases ?? []).length > 1)) return null;
  const shown = [requests, throughput, p50, p95, p99, errorRate, cpuPerRequest];
  const rows = runs.flatMap(({ label, run }) =>
    (run.phases ?? []).map((phase) =>
      h(
        "tr",
        null,
        h("th", { scope: "row" }, name(phase.name), runs.length > 1 ? [" ", h("span", { class: "muted" }, name(label))] : null),
        shown.map((metric) => {
          const value = metric.of(phase.summary);
          return h("td", { class: "number", "data-value": value }, value === null ? Unknown : metric.format(value));
        }),
        h("td", { class: "number", "data-value": phase.summary.bytesReceived }, bytes(phase.summary.bytesReceived)),
      ),
    ),
  );
  const head = h("tr", null, h("th", { scope: "col" }, "Phase"), shown.map((metric) => h("th", { scope: "col", class: "number" }, metric.label)), h("th", { scope: "col", class: "number" }, "Received"));
  return h("section", { class: "card", "aria-label": "Phases" }, h("h2", null, "Phases"), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Phases" }, h("table", null, h("caption", { class: "visually-hidden" }, "Figures per phase"), h("thead", null, head), h("tbody", null, rows))));
}
