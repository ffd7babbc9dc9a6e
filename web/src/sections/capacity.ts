import { rateChart, type RateChartOptions, type RatePoint } from "../charts/rateChart";
import type { CapacityData, CapacityFact, CapacityResult, CapacityStep } from "../contract/capacity";
import type { LabeledRun } from "../contract/reportData";
import { bytes, count, milliseconds, number, percent, perSecond } from "../numbers/format";
import { h, name } from "../page/dom";
import { icon } from "../page/icons";

const words: Record<CapacityStep["outcome"], string> = { met: "met", missed: "missed", collapsed: "cut short", generatorBound: "generator's limit" };

/** How much the target takes: the answer, the curve with the target's resources beside it, and every rate that was tried. */
export function capacity(data: CapacityData, { run }: LabeledRun): (HTMLElement | null)[] {
  const result = run.capacity;
  const [answer, ...facts] = data.facts;
  if (!result || !answer) return [];
  const gate = (run.thresholds ?? []).find((target) => target.expression.startsWith("capacity"));
  const state = result.ratePerSecond <= 0 || (gate && !gate.passed && !gate.undecided) ? "fail" : gate?.passed ? "pass" : "neutral";
  return [
    h(
      "section",
      { class: `verdict card ${state}`, "aria-label": "Capacity" },
      h("div", { class: "verdict-head" }, h("span", { class: "badge-icon" }, icon(state === "neutral" ? "info" : state)), h("div", null, h("h2", null, "Capacity: ", name(answer.text)), gate ? h("p", { class: state === "fail" ? "bad" : state === "pass" ? "good" : "caution" }, h("code", null, gate.expression), ` is ${gate.passed ? "met" : gate.undecided ? "undecided" : "missed"}`) : null)),
      h("div", { class: "scroll capacity-facts" }, h("table", { class: "facts" }, h("caption", { class: "visually-hidden" }, "What is known of it"), h("tbody", null, facts.map(factRow)))),
    ),
    result.steps.length > 1 ? curves(data, result) : null,
    result.steps.length > 0 ? steps(result) : null,
  ];
}

const factRow = ({ label, text, tone }: CapacityFact): HTMLElement => h("tr", null, h("th", { scope: "row" }, label), h("td", { class: tone === "good" || tone === "bad" ? tone : null }, name(text)));

const markOf = ({ outcome }: CapacityStep): RatePoint["mark"] => (outcome === "met" ? "met" : outcome === "generatorBound" ? "unsure" : "missed");

function curves(data: CapacityData, { steps, ...result }: CapacityResult): HTMLElement {
  const rates = steps.map((step) => step.ratePerSecond);
  const shared = {
    rates: { low: Math.min(...rates), high: Math.max(...rates) },
    formatX: perSecond,
    capacity: result.ratePerSecond > 0 ? { low: result.lowPerSecond, high: result.highPerSecond ?? Math.max(...rates) * 1.12, rate: result.ratePerSecond } : null,
  };
  const latency = steps.filter((step) => step.latencyMs.p99 > 0).flatMap((step): RatePoint[] => [
    { rate: step.ratePerSecond, value: step.latencyMs.p50, mark: "plain", text: `${perSecond(step.ratePerSecond)}: p50 ${milliseconds(step.latencyMs.p50)}` },
    { rate: step.ratePerSecond, value: step.latencyMs.p99, mark: markOf(step), text: `${perSecond(step.ratePerSecond)}: p99 ${milliseconds(step.latencyMs.p99)}, ${words[step.outcome]}` },
  ]);
  const resource = (title: string, of: (step: CapacityStep) => number | null | undefined, formatY: (value: number) => string, limits?: RateChartOptions["limits"]): HTMLElement | null => {
    const points = steps.flatMap((step): RatePoint[] => {
      const value = of(step);
      return value == null ? [] : [{ rate: step.ratePerSecond, value, mark: "plain", text: `${perSecond(step.ratePerSecond)}: ${formatY(value)}` }];
    });
    if (points.length === 0) return null;
    const last = points[points.length - 1] as RatePoint;
    return rateChart({ ...shared, title, points, line: true, formatY, limits: limits ?? [], description: `${title} against the rate of arrivals; ${last.text} in the last step` });
  };
  const limit = (label: string, of: (step: CapacityStep) => number | null | undefined): RateChartOptions["limits"] => {
    const most = Math.max(...steps.map((step) => of(step) ?? 0));
    return most > 0 ? [{ label, value: most }] : [];
  };
  const whole = (value: number): string => (Number.isInteger(value) ? count(value) : number(value));
  const resources = [
    resource("CPU, cores", (step) => step.targetCpuCores, number, limit("all that it may use", (step) => step.targetCpuCoresMax)),
    resource("Stopped by garbage collection", (step) => step.targetGcPauseShare, percent),
    resource("Work waiting for the thread pool", (step) => step.targetThreadPoolQueue, whole),
    resource("Threads", (step) => step.targetThreads, whole),
    resource("Connections", (step) => step.targetConnections, whole),
    resource("Open handles", (step) => step.targetOpenHandles, whole, limit("the limit", (step) => step.targetOpenHandlesMax)),
    resource("Memory", (step) => step.targetRssBytes, bytes),
    resource("Managed heap", (step) => step.targetHeapBytes, bytes),
  ].filter((chart) => chart !== null);
  return h(
    "section",
    { "aria-labelledby": "capacity-curve-title" },
    h("div", { class: "section-head" }, h("h2", { id: "capacity-curve-title" }, "Latency against rate"), h("p", { class: "muted" }, result.ratePerSecond > 0 ? "Shaded: where the capacity lies." : null)),
    rateChart({
      ...shared,
      title: "Latency of every step",
      description: `Latency against the rate of arrivals, ${steps.length} steps; the table below has the figures`,
      points: latency,
      logarithmic: true,
      tall: true,
      formatY: milliseconds,
      limits: data.limits.map(({ objective, ms }) => ({ label: objective, value: ms })),
      legend: legend(steps),
    }),
    resources.length > 0 ? h("h3", { class: "rate-heading" }, "The target's resources at the same rates") : null,
    h("div", { class: "rate-charts" }, resources),
  );
}

function legend(steps: CapacityStep[]): HTMLElement {
  const marks = (
    [
      ["met", "p99, objectives met"],
      ["missed", "p99, missed"],
      ["unsure", "p99, generator's limit"],
    ] as const
  ).filter(([mark]) => steps.some((step) => markOf(step) === mark));
  return h("ul", { class: "legend" }, [...marks, ["plain", "median"] as const].map(([mark, label]) => h("li", null, h("i", { class: `rate-point ${mark}`, "aria-hidden": "true" }), label)));
}

function steps(result: CapacityResult): HTMLElement {
  const columns: [string, (step: CapacityStep) => string | null][] = [
    ["p50", (step) => milliseconds(step.latencyMs.p50)],
    ["p99", (step) => milliseconds(step.latencyMs.p99)],
    ["errors", (step) => percent(step.errorRate)],
    ["throughput", (step) => perSecond(step.throughputPerSecond)],
    ["under way", (step) => number(step.concurrency)],
    ["CPU", (step) => (step.targetCpuCores == null ? null : number(step.targetCpuCores))],
  ];
  const known = columns.filter(([, of]) => result.steps.some((step) => of(step) !== null));
  const rows = [...result.steps]
    .sort((a, b) => a.ratePerSecond - b.ratePerSecond)
    .map((step) =>
      h(
        "tr",
        { "data-outcome": step.outcome },
        h("th", { scope: "row" }, perSecond(step.ratePerSecond)),
        h("td", { class: step.outcome === "met" ? "good" : step.outcome === "generatorBound" ? "caution" : "bad" }, h("b", null, words[step.outcome]), step.reason ? h("span", { class: "muted reason" }, name(step.reason)) : null),
        known.map(([, of]) => h("td", { class: "number" }, of(step) ?? "–")),
      ),
    );
  return h(
    "section",
    { class: "card" },
    h("h2", null, "Every rate that was tried"),
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Every rate that was tried" }, h("table", { class: "capacity-steps" }, h("thead", null, h("tr", null, h("th", { scope: "col" }, "Rate"), h("th", { scope: "col" }, "Objectives"), known.map(([label]) => h("th", { scope: "col", class: "number" }, label)))), h("tbody", null, rows))),
  );
}
