import type { LabeledRun } from "../contract/reportData";
import type { RunFile, ThresholdResult } from "../contract/runFile";
import { count, number, seconds } from "../numbers/format";
import { describeGain, gainOf } from "../numbers/gain";
import { cpuPerRequest, p95, throughput, type Metric } from "../numbers/metrics";
import { h, name } from "../page/dom";
import { icon } from "../page/icons";
import { inShort } from "./tested";

/** The answer first: were the targets met, or what has changed, and of what. */
export function verdict(runs: LabeledRun[]): HTMLElement {
  const last = runs.at(-1) as LabeledRun;
  const state = stateOf(last.run);
  return h(
    "section",
    { class: `verdict card ${state}`, "aria-label": "Verdict" },
    h(
      "div",
      { class: "verdict-head" },
      h("span", { class: "badge-icon" }, icon(state === "fail" ? "fail" : state === "pass" ? "pass" : "info")),
      h("div", null, h("h2", null, headline(runs)), subline(runs), h("p", { class: "muted" }, name(inShort(last.run)))),
    ),
    thresholds(runs),
    interruptions(runs),
  );
}

function stateOf(run: RunFile): "pass" | "fail" | "neutral" {
  const targets = run.thresholds ?? [];
  if (run.summary.requests === 0 && targets.length === 0) return "fail";
  if (targets.length === 0) return "neutral";
  if (targets.some(isMissed)) return "fail";
  return targets.every((target) => target.passed) ? "pass" : "neutral";
}

function headline(runs: LabeledRun[]): (Node | string)[] {
  const last = runs.at(-1) as LabeledRun;
  if (last.run.summary.requests === 0) return ["No request was measured"];
  if (runs.length === 1) return [targetsText(last.run) ?? "Measured without targets"];
  const gains = gainsOf((runs[0] as LabeledRun).run, last.run);
  if (gains.length === 0) return [name(last.label), ": no difference above 5 % to ", name(runs[0]?.label ?? "")];
  return [name(last.label), `: ${gains.join(", ")}`];
}

function subline(runs: LabeledRun[]): HTMLElement | null {
  const last = runs.at(-1) as LabeledRun;
  if (runs.length === 1) {
    const { requests, errors } = last.run.summary;
    return h("p", { class: "muted" }, `${count(requests)} requests in ${seconds(last.run.durationSeconds)}, ${errors === 0 ? "none" : count(errors)} of them failed`);
  }
  const targets = targetsText(last.run);
  return h("p", { class: "muted" }, "compared with ", name(runs[0]?.label ?? ""), targets ? `. ${targets}.` : "");
}

function targetsText(run: RunFile): string | null {
  const targets = run.thresholds ?? [];
  const missed = targets.filter(isMissed).length;
  const undecided = targets.filter((target) => target.undecided).length;
  if (targets.length === 0) return null;
  if (targets.length === 1) return `The target is ${missed > 0 ? "missed" : undecided > 0 ? "undecided" : "met"}`;
  if (missed + undecided === 0) return `All ${targets.length} targets are met`;
  if (missed === 0) return `${undecided} of ${targets.length} targets ${isOrAre(undecided)} undecided`;
  return `${missed} of ${targets.length} targets ${isOrAre(missed)} missed${undecided > 0 ? `, ${undecided} ${isOrAre(undecided)} undecided` : ""}`;
}

const isOrAre = (number: number): string => (number === 1 ? "is" : "are");

/** What only the generator's own lag can have missed is not. */
const isMissed = (target: ThresholdResult): boolean => !target.passed && !target.undecided;

/** What changed in the totals, the words of a headline: "p95 8.21× faster". */
function gainsOf(before: RunFile, after: RunFile): string[] {
  const shown: [Metric, (text: string) => string][] = [
    [p95, (text) => `p95 ${text}`],
    [throughput, (text) => `${text} throughput`],
    [cpuPerRequest, (text) => `${text} CPU per request`],
  ];
  return shown.flatMap(([metric, phrase]) => {
    const gain = gainOf(metric.of(before.summary), metric.of(after.summary), metric.better);
    return gain.direction === "better" || gain.direction === "worse" ? [phrase(describeGain(gain, ...metric.words))] : [];
  });
}

function interruptions(runs: LabeledRun[]): HTMLElement[] {
  return runs
    .filter(({ run }) => run.interrupted || run.abortedBy)
    .map(({ label, run }) => {
      const whose = runs.length > 1 ? [name(label), " was"] : ["The run was"];
      const how = run.abortedBy ? [h("strong", null, "Aborted. "), ...whose, " ended because the target ", h("code", null, name(run.abortedBy)), " was missed"] : [h("strong", null, "Interrupted. "), ...whose, " stopped before its planned end"];
      return h("p", { class: "interrupted" }, icon("warning"), h("span", null, how, `; the figures cover the ${seconds(run.durationSeconds)} until then.`));
    });
}

function thresholds(runs: LabeledRun[]): HTMLElement | null {
  const expressions = [...new Set(runs.flatMap(({ run }) => (run.thresholds ?? []).map((target) => target.expression)))];
  if (expressions.length === 0) return null;
  const many = runs.length > 1;
  const head = many ? h("thead", null, h("tr", null, h("th", { scope: "col" }, "Target"), runs.map((run) => h("th", { scope: "col" }, name(run.label))))) : null;
  const rows = expressions.map((expression) => h("tr", null, h("th", { scope: "row" }, h("code", null, expression)), runs.map(({ run }) => thresholdCell(run, expression))));
  return h("div", { class: "scroll" }, h("table", { class: "thresholds" }, h("caption", { class: "visually-hidden" }, "Targets"), head, h("tbody", null, rows)));
}

function thresholdCell(run: RunFile, expression: string): HTMLElement {
  const target = (run.thresholds ?? []).find((candidate) => candidate.expression === expression);
  if (!target) return h("td", { class: "muted" }, "not asked");
  const observed = target.observedText ?? (target.observed == null ? "not known" : number(target.observed));
  const [outcome, shape, tone] = target.passed ? (["met", "pass", "good"] as const) : target.undecided ? (["undecided", "info", "caution"] as const) : (["missed", "fail", "bad"] as const);
  return h(
    "td",
    { class: tone },
    h("span", { class: "outcome" }, icon(shape), h("b", null, outcome), h("span", { class: "observed" }, observed)),
    target.reason ? h("span", { class: "muted reason" }, name(target.reason)) : null,
  );
}
