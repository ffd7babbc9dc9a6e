import type { LabeledRun } from "../contract/reportData";
import type { RequestSummary, RunFile } from "../contract/runFile";
import { bytes, count, milliseconds, number, seconds, Unknown } from "../numbers/format";
import { describeGain, gainOf } from "../numbers/gain";
import { bytesPerRequest, cacheHitRate, cpuPerRequest, decodedPerRequest, errorRate, p50, p95, p99, throughput, type Metric } from "../numbers/metrics";
import { h, name } from "../page/dom";

interface Tile {
  metric: Omit<Metric, "of">;
  of: (run: RunFile) => number | null;
  /** What makes the figure clear, for one run. */
  detail?: (run: RunFile) => string | null;
}

const tileOf = (metric: Metric, label?: string, detail?: (run: RunFile) => string | null): Tile => ({
  metric: label ? { ...metric, label } : metric,
  of: (run) => metric.of(run.summary),
  ...(detail ? { detail } : {}),
});

const rss: Tile = {
  metric: { key: "rss", label: "Target memory (RSS)", better: "lower", format: bytes, words: ["less", "more"] },
  of: (run) => run.target?.rssBytes.peak ?? null,
  detail: (run) => (run.target ? `peak; ${bytes(run.target.rssBytes.start)} at the start, ${bytes(run.target.rssBytes.end)} at the end` : null),
};

const handles: Tile = {
  metric: { key: "handles", label: "Open handles", better: "lower", format: count, words: ["fewer", "more"] },
  of: (run) => run.target?.openHandles?.end ?? null,
  detail: ({ target }) => (target?.openHandles ? `at the end; ${count(target.openHandles.start)} at the start, peak ${count(target.openHandles.peak)}` : null),
};

/** Stands for all of the above when the target's process could not be seen. */
const unseen: Tile = {
  metric: { key: "unseen", label: "Target's CPU and memory", better: "lower", format: count, words: ["", ""] },
  of: () => null,
  detail: () => "process not seen; name it with --pid",
};

const received: Tile = {
  metric: { key: "received", label: "Received", better: "lower", format: bytes, words: ["less", "more"] },
  of: (run) => run.summary.bytesReceived,
  detail: ({ summary }) => (summary.decodedBodyBytes ? `on the wire; bodies ${bytes(summary.bodyBytes ?? 0)}, decoded ${bytes(summary.decodedBodyBytes)}` : "on the wire"),
};

/** Server CPU over all requests of the run, from the run's summary or from the target's own record. */
const cpu: Tile = {
  metric: cpuPerRequest,
  of: (run) => cpuPerRequest.of(run.summary) ?? run.target?.cpuMicrosecondsPerRequest ?? null,
  detail: ({ target, durationSeconds }) => (target && durationSeconds > 0 ? `${seconds(target.cpuSeconds)} CPU, ${number(target.cpuSeconds / durationSeconds)} cores busy` : null),
};

const whereKnown = ({ latencyMs }: RequestSummary, detail: string): string => (latencyMs.max > 0 ? detail : "every request broke off");

const latency: Tile[] = [
  tileOf(p50, "Latency p50", ({ summary }) => whereKnown(summary, `mean ${milliseconds(summary.latencyMs.mean)}`)),
  tileOf(p95, "Latency p95", ({ summary }) => whereKnown(summary, `p90 ${milliseconds(summary.latencyMs.p90)}`)),
  tileOf(p99, "Latency p99", ({ summary }) => whereKnown(summary, `p99.9 ${milliseconds(summary.latencyMs.p999)}, max ${milliseconds(summary.latencyMs.max)}`)),
];

const common: Tile[] = [
  tileOf(throughput, undefined, ({ summary }) => `${count(summary.requests)} requests`),
  ...latency,
  tileOf(errorRate, "Error rate", ({ summary }) => `${count(summary.errors)} of ${count(summary.requests)}`),
  tileOf(cacheHitRate, "Cache hit rate", ({ summary }) => (summary.cacheHitRate == null ? "no response told" : `${count(summary.cacheHits ?? 0)} hits, ${count(summary.cacheMisses ?? 0)} misses`)),
];

export function tiles(runs: LabeledRun[]): HTMLElement {
  const single = runs.length === 1;
  const list = single ? tilesOfOne(runs[0] as LabeledRun) : tilesOfSeveral(runs);
  const columns = list.length % 5 === 0 || list.length % 4 !== 0 ? 5 : 4;
  return h("section", { "aria-label": "Summary" }, h("dl", { class: `tiles by-${columns}` }, list.map((tile) => (single ? singleTile(tile, runs[0] as LabeledRun) : comparedTile(tile, runs)))));
}

const tilesOfOne = ({ run }: LabeledRun): Tile[] => [...common, received, ...(run.target ? [cpu, rss, handles] : [unseen])];

/** Of several runs only what at least one knows: "unknown → unknown" helps nobody. */
function tilesOfSeveral(runs: LabeledRun[]): Tile[] {
  const shown = [...common, tileOf(bytesPerRequest), tileOf(decodedPerRequest, "Decoded body per request"), cpu, rss];
  return shown.filter((tile) => runs.some(({ run }) => tile.of(run) !== null));
}

function singleTile(tile: Tile, { run }: LabeledRun): HTMLElement {
  const detail = run.summary.requests === 0 && tile !== unseen ? null : (tile.detail?.(run) ?? null);
  return h("div", { class: "tile card" }, h("dt", null, tile.metric.label), figure(tile, tile.of(run)), detail === null ? null : h("dd", { class: "muted" }, detail));
}

function comparedTile(tile: Tile, runs: LabeledRun[]): HTMLElement {
  const values = runs.map(({ run }) => tile.of(run));
  const after = values.at(-1) ?? null;
  const gain = gainOf(values[0], after, tile.metric.better);
  const before = runs.slice(0, -1).map(({ label }, i) => h("span", { class: "tile-before" }, name(label), " ", h("span", { "data-metric": tile.metric.key, "data-run": i, "data-value": values[i] }, text(tile, values[i] ?? null))));
  return h(
    "div",
    { class: "tile card" },
    h("dt", null, tile.metric.label),
    figure(tile, after, runs.length - 1),
    h("dd", { class: "muted" }, before),
    gain.direction === "unknown" ? null : h("dd", { class: `gain ${gain.direction}` }, describeGain(gain, ...tile.metric.words)),
  );
}

const figure = (tile: Tile, value: number | null, run = 0): HTMLElement => h("dd", { class: "figure", "data-metric": tile.metric.key, "data-run": run, "data-value": value }, ...withSmallUnit(text(tile, value)));

const text = (tile: Tile, value: number | null): string => (value === null ? Unknown : tile.metric.format(value));

/** The number large, its unit small; read together they are the same text. */
function withSmallUnit(figureText: string): (string | HTMLElement)[] {
  const space = figureText.lastIndexOf(" ");
  return space <= 0 || /\d$/.test(figureText) ? [figureText] : [figureText.slice(0, space), h("small", null, figureText.slice(space))];
}

