import type { CheckSummary, IterationSummary, RunFile } from "../contract/runFile";
import { count } from "./format";

/** Think times make an iteration longer than its request; rounding and the work between them do not. */
const LongerThanRequest = 1.1;

/** The iterations of a run, where they say more than its requests do; the other reports have the same rule (IterationFigures.cs). */
export function iterationsWorthShowing(run: RunFile): IterationSummary | null {
  const { iterations, summary } = run;
  if (!iterations) return null;
  const areRequests = iterations.count === summary.requests && !iterations.cutShort && !(run.plan.phases ?? []).some((phase) => phase.iterations != null);
  const areLonger = summary.latencyMs.p50 > 0 && iterations.durationMs.p50 > summary.latencyMs.p50 * LongerThanRequest;
  return areRequests && !areLonger ? null : iterations;
}

/** "1 cut short, 2 requests skipped" of those that there are; null when there are none. */
export function unfinished({ cutShort = 0, requestsSkipped = 0, dropped = 0, interrupted = 0 }: IterationSummary): string | null {
  const parts: [number, string][] = [
    [cutShort, "cut short"],
    [requestsSkipped, requestsSkipped === 1 ? "request skipped" : "requests skipped"],
    [dropped, "dropped"],
    [interrupted, "interrupted"],
  ];
  const counted = parts.filter(([number]) => number > 0).map(([number, what]) => `${count(number)} ${what}`);
  return counted.length > 0 ? counted.join(", ") : null;
}

/** Passes over all, 0 to 1; null when nothing was checked. */
export const checkRate = ({ passes, fails }: CheckSummary): number | null => (passes + fails > 0 ? passes / (passes + fails) : null);
