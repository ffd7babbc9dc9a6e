import type { LatencySummary } from "./runFile";

/** What Headroom.Reports writes of a search for the capacity, beside the steps that the run file has: its sentences. */
export interface CapacityData {
  /** In the order in which people ask; the first is the answer. */
  facts: CapacityFact[];
  /** What the rest of the page is the run of. */
  shown: string;
  /** The latencies that the objectives allow. */
  limits: { objective: string; ms: number }[];
}

export interface CapacityFact {
  label: string;
  text: string;
  tone: "plain" | "headline" | "good" | "bad";
}

/** The `capacity` of a run file (docs/run-file.md), as far as the page shows it. */
export interface CapacityResult {
  ratePerSecond: number;
  lowPerSecond: number;
  highPerSecond?: number | null;
  currentPerSecond?: number | null;
  steps: CapacityStep[];
}

export interface CapacityStep {
  ratePerSecond: number;
  durationSeconds: number;
  outcome: "met" | "missed" | "collapsed" | "generatorBound";
  reason?: string | null;
  requests: number;
  throughputPerSecond: number;
  errorRate: number;
  latencyMs: LatencySummary;
  concurrency: number;
  targetCpuCores?: number | null;
  targetCpuCoresMax?: number | null;
  targetRssBytes?: number | null;
  targetHeapBytes?: number | null;
  targetOpenHandles?: number | null;
  targetOpenHandlesMax?: number | null;
  targetThreads?: number | null;
  targetThreadPoolQueue?: number | null;
  targetConnections?: number | null;
  targetAcceptQueue?: number | null;
  targetGcPauseShare?: number | null;
}
