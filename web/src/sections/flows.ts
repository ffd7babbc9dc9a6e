import type { LabeledRun } from "../contract/reportData";
import type { CheckSummary, LatencySummary } from "../contract/runFile";
import { count, milliseconds, percent, perSecond, Unknown } from "../numbers/format";
import { checkRate, iterationsWorthShowing, unfinished } from "../numbers/iterations";
import { h, name } from "../page/dom";
import { factsTable, type Fact } from "../page/facts";
import { icon } from "../page/icons";

/** What plans with flows have beside requests: checks, iterations, extractions, events. Nothing where a plan has none of it. */
export function flows(runs: LabeledRun[]): HTMLElement[] {
  return [checks(runs), extractions(runs), iterations(runs)].filter((section) => section !== null);
}

function checks(runs: LabeledRun[]): HTMLElement | null {
  const rows = runs.flatMap(({ label, run }) => (run.checks ?? []).map((check) => h("tr", null, nameCells(check.name, check.request, label, runs.length), checkCells(check))));
  return rows.length === 0 ? null : tableSection("Checks", ["Check", "Request"], ["Passed", "Failed", "Rate", "Result"], rows);
}

function checkCells(check: CheckSummary): HTMLElement[] {
  const rate = checkRate(check);
  const failed = check.fails > 0;
  return [
    h("td", { class: "number", "data-value": check.passes }, count(check.passes)),
    h("td", { class: failed ? "number bad" : "number", "data-value": check.fails }, count(check.fails)),
    h("td", { class: failed ? "number bad" : "number", "data-value": rate }, rate === null ? Unknown : percent(rate)),
    h("td", { class: failed ? "number bad" : rate === null ? "number muted" : "number good" }, h("span", { class: "outcome" }, rate === null ? "never made" : [icon(failed ? "fail" : "pass"), h("b", null, failed ? "failed" : "held")])),
  ];
}

function extractions(runs: LabeledRun[]): HTMLElement | null {
  const rows = runs.flatMap(({ label, run }) =>
    (run.failedExtractions ?? []).map((failed) => h("tr", null, nameCells(failed.variable, failed.request, label, runs.length), h("td", { class: "number bad", "data-value": failed.count }, count(failed.count)))),
  );
  return rows.length === 0 ? null : tableSection("Extractions that found nothing", ["Variable", "Request"], ["Times"], rows);
}

function nameCells(first: string, request: string, label: string, runCount: number): HTMLElement[] {
  return [h("th", { scope: "row" }, name(first), runCount > 1 ? [" ", h("span", { class: "muted" }, name(label))] : null), h("td", null, name(request))];
}

function tableSection(title: string, texts: string[], figures: string[], rows: HTMLElement[]): HTMLElement {
  const head = h("tr", null, texts.map((text) => h("th", { scope: "col" }, text)), figures.map((text) => h("th", { scope: "col", class: "number" }, text)));
  const table = h("table", null, h("caption", { class: "visually-hidden" }, title), h("thead", null, head), h("tbody", null, rows));
  return h("section", { class: "card", "aria-label": title }, h("h2", null, title), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table));
}

const percentiles = (figures: LatencySummary): string => `p50 ${milliseconds(figures.p50)}, p95 ${milliseconds(figures.p95)}, p99 ${milliseconds(figures.p99)}, max ${milliseconds(figures.max)}`;

const facts: Fact[] = [
  ["Iterations", (run) => ofIterations(run, (shown) => `${count(shown.count)}, ${perSecond(shown.perSecond)}`)],
  ["Duration", (run) => ofIterations(run, (shown) => (shown.count > (shown.cutShort ?? 0) ? percentiles(shown.durationMs) : null))],
  ["Unfinished", (run) => ofIterations(run, unfinished)],
  ["Server-sent events", ({ summary }) => (summary.timeToFirstEventMs ? count(summary.events ?? 0) : null)],
  ["Time to first event", ({ summary }) => (summary.timeToFirstEventMs ? percentiles(summary.timeToFirstEventMs) : null)],
];

function ofIterations(run: LabeledRun["run"], say: (iterations: NonNullable<ReturnType<typeof iterationsWorthShowing>>) => string | null): string | null {
  const shown = iterationsWorthShowing(run);
  return shown === null ? null : say(shown);
}

function iterations(runs: LabeledRun[]): HTMLElement | null {
  const table = factsTable("Iterations and events", runs, facts);
  return table === null ? null : h("section", { class: "card", "aria-label": "Iterations" }, h("h2", null, "Iterations"), table);
}
