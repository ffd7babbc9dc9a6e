import { describe, expect, it } from "vitest";
import type { IterationSummary, LatencySummary, RunFile } from "../src/contract/runFile";
import { checkRate, iterationsWorthShowing, unfinished } from "../src/numbers/iterations";

const latency = (p50: number): LatencySummary => ({ min: 1, p50, p75: 10, p90: 10, p95: 10, p99: 10, p999: 10, max: 10, mean: 5, stdDev: 1 });

const iterations = (changes: Partial<IterationSummary> = {}): IterationSummary => ({ count: 120, perSecond: 12, durationMs: latency(5), ...changes });

function run(shown: IterationSummary | null, planned: number | null = null): RunFile {
  const summary = { requests: 120, requestsPerSecond: 12, errors: 0, errorRate: 0, bytesReceived: 1, latencyMs: latency(5), serviceTimeMs: latency(5) };
  return { plan: { name: "p", target: "t", phases: [{ name: "a", executor: "shared-iterations", connections: 1, iterations: planned, durationSeconds: 1 }] }, summary, iterations: shown } as unknown as RunFile;
}

describe("iterations", () => {
  it("are not shown where each was one request and nothing else", () => {
    expect(iterationsWorthShowing(run(iterations({ interrupted: 3 })))).toBeNull();
    expect(iterationsWorthShowing(run(null))).toBeNull();
  });

  it("are shown where they say more than the requests", () => {
    for (const changes of [{ count: 40 }, { cutShort: 1 }, { durationMs: latency(6) }]) expect(iterationsWorthShowing(run(iterations(changes)))).not.toBeNull();
    expect(iterationsWorthShowing(run(iterations(), 120))).not.toBeNull();
  });

  it("say what of them did not end, and only that", () => {
    expect(unfinished(iterations())).toBeNull();
    expect(unfinished(iterations({ cutShort: 1, requestsSkipped: 1, dropped: 1_200, interrupted: 4 }))).toBe("1 cut short, 1 request skipped, 1,200 dropped, 4 interrupted");
    expect(unfinished(iterations({ requestsSkipped: 2 }))).toBe("2 requests skipped");
  });
});

describe("checkRate", () => {
  it("is passes over all, and unknown of nothing", () => {
    expect(checkRate({ name: "a", request: "b", passes: 3, fails: 1 })).toBe(0.75);
    expect(checkRate({ name: "a", request: "b", passes: 0, fails: 0 })).toBeNull();
  });
});
