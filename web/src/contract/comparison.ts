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

/** What Headroom.Reports writes of an ablation. */
export interface AblationData {
  summary: string[];
  basis: string;
  /** In the order in which they are shown. */
  metrics: ComparedMetric[];
  result: AblationResult;
}

export interface AblationResult {
  blocks: number;
  threshold: number;
  switches: SwitchWorth[];
  findings: Finding[];
}

export interface SwitchWorth {
  name: string;
  alone: MetricComparison[];
  last: MetricComparison[];
}

/** What Headroom.Reports writes of histories. */
export interface TrendData {
  headline: string;
  caution: string;
  sentences: string[];
  trends: RunTrend[];
}

export interface RunTrend {
  plan: string;
  machine: string;
  points: { name: string; startedAt: string }[];
  series: TrendSeries[];
}

export interface TrendSeries {
  metric: ComparedMetric;
  values: (number | null)[];
  changes: { index: number; change: number; worse: boolean }[];
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
