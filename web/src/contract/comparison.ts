import type { Finding } from "./runFile";

/** What Headroom.Reports writes of a comparison: its sentences, and the result as docs/compare.md lists it. */
export interface ComparisonData {
  headline: string;
  basis: string;
  result: ComparisonResult;
}

export interface ComparisonResult {
  before: string;
  after: string;
  pairs: number;
  threshold: number;
  metrics: MetricComparison[];
  gates: boolean;
  worse: boolean;
  findings: Finding[];
}

export type Verdict = "cannotTell" | "same" | "worse" | "better";
export type ComparedMetric = "cpuPerRequest" | "allocatedPerRequest" | "p50" | "throughput" | "p99";

export interface MetricComparison {
  metric: ComparedMetric;
  endpoint?: string | null;
  pairs: number;
  beforeMedian: number;
  afterMedian: number;
  change: number;
  interval?: ChangeInterval | null;
  advisory: boolean;
  verdict: Verdict;
  reason: string;
  smallestVisible?: number | null;
  pairsToTell?: number | null;
  control?: { change: number; interval?: ChangeInterval | null; noisy: boolean } | null;
}

export interface ChangeInterval {
  lower: number;
  upper: number;
  confidence: number;
}
