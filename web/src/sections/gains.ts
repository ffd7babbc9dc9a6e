import type { LabeledRun } from "../contract/reportData";
import type { RequestSummary } from "../contract/runFile";
import { Unknown } from "../numbers/format";
import { describeGain, gainOf, type Gain } from "../numbers/gain";
import { bytesPerRequest, cpuPerRequest, p50, p95, p99, throughput, type Metric } from "../numbers/metrics";
import { choice } from "../page/choice";
import { h, name } from "../page/dom";
import { TrackAxis } from "../page/track";

interface Row {
  name: string;
  before: number | null;
  after: number | null;
  gain: Gain;
}

const metrics = [p50, p95, p99, throughput, bytesPerRequest, cpuPerRequest];
const ShownAtFirst = 20;

/** What a reader of a comparison came for: for every endpoint where it stood, where it stands, and what that gained. */
export function gains(before: LabeledRun, after: LabeledRun): HTMLElement | null {
  const names = endpointNames(before, after);
  if (names.length === 0) return null;
  const available = metrics.filter((metric) => names.some((endpoint) => valueOf(metric, before, endpoint) !== null && valueOf(metric, after, endpoint) !== null));
  if (available.length === 0) return null;

  const list = h("div");
  const show = (metric: Metric, all: boolean): void => {
    list.replaceChildren(...rowsOf(metric, before, after, names, all, () => show(metric, true)));
  };
  const first = available.includes(p95) ? p95 : (available[0] as Metric);
  show(first, false);
  const picker = choice("Figure", available.map((metric) => ({ key: metric.key, label: metric === cpuPerRequest ? "CPU" : metric === bytesPerRequest ? "Bytes" : metric.label })), first.key, (key) => show(available.find((metric) => metric.key === key) ?? first, false));
  return h(
    "section",
    { class: "gains card", "aria-labelledby": "gains-title" },
    h("div", { class: "section-head" }, h("h2", { id: "gains-title" }, "Gain per endpoint"), picker),
    h("p", { class: "track-legend muted" }, h("span", { class: "track-dot from", "aria-hidden": "true" }), name(before.label), h("span", { class: "track-dot to", "aria-hidden": "true" }), name(after.label), h("span", null, "logarithmic scale")),
    list,
  );
}

/** Endpoints of both runs in the order of the first, then what only the later one has. */
export function endpointNames(...runs: LabeledRun[]): string[] {
  return [...new Set(runs.flatMap(({ run }) => Object.keys(run.requestsByName ?? {})))];
}

export function summaryOf({ run }: LabeledRun, endpoint: string): RequestSummary | undefined {
  const byName = run.requestsByName ?? {};
  return Object.hasOwn(byName, endpoint) ? byName[endpoint] : undefined;
}

function valueOf(metric: Metric, run: LabeledRun, endpoint: string): number | null {
  const summary = summaryOf(run, endpoint);
  return summary ? metric.of(summary) : null;
}

function rowsOf(metric: Metric, before: LabeledRun, after: LabeledRun, names: string[], all: boolean, showAll: () => void): HTMLElement[] {
  const rows = names
    .map((endpoint): Row => {
      const [from, to] = [valueOf(metric, before, endpoint), valueOf(metric, after, endpoint)];
      return { name: endpoint, before: from, after: to, gain: gainOf(from, to, metric.better) };
    })
    .sort((a, b) => rank(b.gain) - rank(a.gain));
  const axis = new TrackAxis(rows.flatMap((row) => [row.before, row.after]));
  const shown = all ? rows : rows.slice(0, ShownAtFirst);
  const list = h("ol", { class: "track-list", "aria-label": `${metric.label} per endpoint` }, shown.map((row) => rowElement(metric, row, axis, before, after)));
  const more = rows.length > shown.length ? h("button", { type: "button", class: "more", click: showAll }, `Show all ${rows.length} endpoints`) : null;
  return [axis.scale(metric.format), list, more].filter((element) => element !== null);
}

function rank({ ratio, direction }: Gain): number {
  if (ratio !== null) return Math.log(ratio);
  return direction === "better" ? 1000 : direction === "worse" ? -1000 : -2000;
}

function rowElement(metric: Metric, row: Row, axis: TrackAxis, before: LabeledRun, after: LabeledRun): HTMLElement {
  const text = (value: number | null): string => (value === null ? Unknown : metric.format(value));
  const missing = row.before === null && row.after === null ? "in neither run" : row.before === null ? `only in ${after.label}` : row.after === null ? `only in ${before.label}` : null;
  return h(
    "li",
    { class: `track-row ${row.gain.direction}`, "data-endpoint": row.name },
    h("span", { class: "track-name" }, name(row.name)),
    axis.track(row.before, row.after, row.gain.direction),
    h("span", { class: "track-values" }, h("span", { class: "visually-hidden" }, "from "), h("span", { "data-value": row.before }, text(row.before)), h("span", { "aria-label": "to" }, " → "), h("span", { "data-value": row.after }, text(row.after))),
    h("strong", { class: `gain ${row.gain.direction}` }, missing ?? describeGain(row.gain, ...metric.words)),
  );
}
