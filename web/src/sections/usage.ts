import type { LabeledRun } from "../contract/reportData";
import type { Gauge, RunFile } from "../contract/runFile";
import { bytes, count, microseconds, milliseconds, number, percent, seconds } from "../numbers/format";
import { h } from "../page/dom";
import { factsTable, type Fact } from "../page/facts";

/** What the target used, and what the generator itself used and how late it was: the second says how far the first can be trusted. */
export function usage(runs: LabeledRun[]): HTMLElement {
  const target = factsTable("Target process", runs, targetFacts) ?? h("p", { class: "empty" }, "The target's process could not be seen: it runs on another machine, or belongs to another user. Name it with --pid.");
  const generator = factsTable("Load generator", runs, generatorFacts) ?? h("p", { class: "empty" }, `What ${runs[0]?.run.origin?.tool ?? "the generator"} used is not known.`);
  return h("div", { class: "pair" }, h("section", { class: "card" }, h("h2", null, "Target"), target), h("section", { class: "card" }, h("h2", null, "Generator"), generator, h("p", { class: "muted" }, "Lag is how late the generator was by its own fault. It belongs to no latency figure; where it nears them, they are not the target's alone.")));
}

const ofTarget = (of: (target: NonNullable<RunFile["target"]>, run: RunFile) => string | null) => (run: RunFile) => (run.target ? of(run.target, run) : null);

const targetFacts: Fact[] = [
  ["Process", ofTarget((target) => [target.processName, (target.processIds ?? []).length > 0 ? `pid ${(target.processIds ?? []).join(", ")}` : null].filter(Boolean).join(", ") || null)],
  ["CPU time", ofTarget((target) => seconds(target.cpuSeconds))],
  ["Cores busy", ofTarget((target, run) => (run.durationSeconds > 0 ? number(target.cpuSeconds / run.durationSeconds) : null))],
  ["CPU per request", ofTarget((target) => (target.cpuMicrosecondsPerRequest ? microseconds(target.cpuMicrosecondsPerRequest) : null))],
  ["Memory (RSS)", ofTarget((target) => gauge(target.rssBytes, bytes))],
  ["Memory growth", ofTarget((target) => (target.rssGrowthBytesPerHour === undefined ? null : `${bytes(target.rssGrowthBytesPerHour)} per hour`))],
  ["Open handles", ofTarget((target) => (target.openHandles ? gauge(target.openHandles, count) : null))],
  ["Threads", ofTarget((target) => (target.threads ? gauge(target.threads, count) : null))],
];

/** Of another tool's run nothing is known of the generator. */
const ofGenerator = (facts: Fact[]): Fact[] => facts.map(([label, of]) => [label, (run) => (run.origin ? null : of(run))]);

const generatorFacts = ofGenerator([
  ["CPU time", ({ generator }) => seconds(generator.cpuSeconds)],
  ["CPU per request", ({ generator }) => microseconds(generator.cpuMicrosecondsPerRequest)],
  ["Share of the machine", ({ generator, durationSeconds, environment }) => (durationSeconds > 0 ? percent(generator.cpuSeconds / durationSeconds / environment.processorCount) : null)],
  ["Peak memory (RSS)", ({ generator }) => bytes(generator.peakRssBytes)],
  ["Memory growth", ({ generator }) => (typeof generator.rssGrowthBytesPerHour === "number" ? `${bytes(generator.rssGrowthBytesPerHour)} per hour` : null)],
  ["Workers", ({ generator }) => (generator.workers === undefined ? null : count(generator.workers))],
  ["Lag", ({ generator: { lagMs } }) => `p50 ${milliseconds(lagMs.p50)}, p99 ${milliseconds(lagMs.p99)}, max ${milliseconds(lagMs.max)}`],
  ["Garbage collections", ({ generator }) => (generator.garbageCollections === undefined ? null : `${count(generator.garbageCollections)}, ${milliseconds(generator.garbageCollectionPauseMs ?? 0)} paused`)],
]);

const gauge = ({ start, peak, end }: Gauge, format: (value: number) => string): string => `${format(start)} → ${format(end)}, peak ${format(peak)}`;
