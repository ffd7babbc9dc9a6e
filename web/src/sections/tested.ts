import type { LabeledRun } from "../contract/reportData";
import type { LevelPoint, PlannedPhase, RunFile } from "../contract/runFile";
import { bytes, count, instant, number, perSecond, seconds } from "../numbers/format";
import { h } from "../page/dom";
import { factsTable, type Fact } from "../page/facts";

const facts: Fact[] = [
  ["Plan", (run) => run.plan.name],
  ["Target", (run) => run.plan.target],
  ["Load", (run) => describePhases(run.plan.phases ?? []) || null],
  ["Warm-up", (run) => (run.plan.warmUpSeconds ? `${seconds(run.plan.warmUpSeconds)}${run.warmUp?.requests ? `, ${count(run.warmUp.requests)} requests, not in any figure` : ""}` : null)],
  ["Started", (run) => instant(run.startedAt)],
  ["Measured for", (run) => seconds(run.durationSeconds)],
  ["Machine", ({ environment: e }) => [e.processor, cores(e.processorCount), e.memoryBytes ? bytes(e.memoryBytes) : null].filter(Boolean).join(" · ")],
  ["System", ({ environment: e }) => `${e.operatingSystem} ${e.architecture} · ${e.runtime} · Headroom ${e.headroomVersion}`],
];

/** What was asked for, when it ran and on which machine. */
export function tested(runs: LabeledRun[]): HTMLElement {
  return h("section", { class: "card", "aria-label": "What was tested" }, h("h2", null, "What was tested"), factsTable("Plan, load and machine", runs, facts));
}

/** The same in one line, for the top. */
export function inShort(run: RunFile): string {
  const phases = run.plan.phases ?? [];
  const load = phases.map((phase) => `${phases.length > 1 ? `${phase.name} ` : ""}${shortLoad(phase)}`).join(", ");
  const machine = `${cores(run.environment.processorCount)}, ${run.environment.operatingSystem}`;
  return [`${run.plan.name} against ${run.plan.target}`, load, `measured for ${seconds(run.durationSeconds)}`, instant(run.startedAt), machine].filter(Boolean).join(" · ");
}

const shortLoad = (phase: PlannedPhase): string => ((phase.levels ?? []).length > 0 || phase.iterations != null ? describeLoad(phase) : phase.ratePerSecond == null ? connections(phase.connections) : perSecond(phase.ratePerSecond));

/** When each begins is told only where they overlap: otherwise they follow one another. */
function describePhases(phases: PlannedPhase[]): string {
  const startOf = (phase: PlannedPhase): number => phase.startSeconds ?? 0;
  const overlap = phases.some((phase) => phases.some((other) => other !== phase && startOf(other) >= startOf(phase) && startOf(other) < startOf(phase) + phase.durationSeconds));
  const when = (phase: PlannedPhase): string => (overlap && startOf(phase) > 0 ? ` from ${seconds(startOf(phase))} on` : "");
  return phases.map((phase) => `${phase.name}: ${describeLoad(phase)}, ${phase.iterations == null ? "" : "at most "}${seconds(phase.durationSeconds)}${when(phase)}`).join("; ");
}

function describeLoad({ executor, connections: most, ratePerSecond, iterations, levels = [] }: PlannedPhase): string {
  if (levels.length > 0) return executor.includes("rate") ? `${describeLevels(levels)} /s over up to ${connections(most)}` : `${describeLevels(levels)} VUs`;
  if (ratePerSecond != null) return `${perSecond(ratePerSecond)} over up to ${connections(most)}`;
  if (executor === "replay") return `${iterations == null ? "" : `${count(iterations)} `}recorded arrivals over up to ${connections(most)}`;
  if (iterations != null) return `${count(iterations)} iteration${iterations === 1 ? "" : "s"} over ${connections(most)}`;
  return `as fast as ${connections(most)} allow${most === 1 ? "s" : ""}`;
}

/** More levels than these are told by where they begin, peak and end. */
const LevelsShown = 6;

function describeLevels(levels: LevelPoint[]): string {
  const texts = levels.map(({ level }) => (Number.isInteger(level) ? count(level) : number(level)));
  if (texts.length <= LevelsShown) return texts.join(" → ");
  const highest = Math.max(...levels.map(({ level }) => level));
  return `${texts[0]} → … → ${texts.at(-1)} (at most ${Number.isInteger(highest) ? count(highest) : number(highest)})`;
}

const connections = (most: number): string => `${count(most)} connection${most === 1 ? "" : "s"}`;

const cores = (number: number): string => `${count(number)} core${number === 1 ? "" : "s"}`;
