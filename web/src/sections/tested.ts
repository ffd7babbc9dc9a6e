import type { LabeledRun } from "../contract/reportData";
import type { PlannedPhase, RunFile } from "../contract/runFile";
import { bytes, count, instant, perSecond, seconds } from "../numbers/format";
import { h } from "../page/dom";
import { factsTable, type Fact } from "../page/facts";

const facts: Fact[] = [
  ["Plan", (run) => run.plan.name],
  ["Target", (run) => run.plan.target],
  ["Load", (run) => (run.plan.phases ?? []).map(describePhase).join("; ") || null],
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
  const load = phases.map((phase) => `${phases.length > 1 ? `${phase.name} ` : ""}${phase.ratePerSecond == null ? connections(phase.connections) : perSecond(phase.ratePerSecond)}`).join(", ");
  const machine = `${cores(run.environment.processorCount)}, ${run.environment.operatingSystem}`;
  return [`${run.plan.name} against ${run.plan.target}`, load, `measured for ${seconds(run.durationSeconds)}`, instant(run.startedAt), machine].filter(Boolean).join(" · ");
}

function describePhase(phase: PlannedPhase): string {
  const rate = phase.ratePerSecond == null ? `as fast as ${connections(phase.connections)} allow${phase.connections === 1 ? "s" : ""}` : `${perSecond(phase.ratePerSecond)} over up to ${connections(phase.connections)}`;
  return `${phase.name}: ${rate}, ${seconds(phase.durationSeconds)}`;
}

const connections = (number: number): string => `${count(number)} connection${number === 1 ? "" : "s"}`;

const cores = (number: number): string => `${count(number)} core${number === 1 ? "" : "s"}`;
