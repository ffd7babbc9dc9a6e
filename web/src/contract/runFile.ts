import type { CapacityResult } from "./capacity";

/**
 * The run file `headroom-run/1` (docs/run-file.md) as far as the page shows it. The writer is
 * Headroom.Measurements; what it leaves out because it is unknown is optional here.
 */
export interface RunFile {
  schema: string;
  plan: RunPlan;
  environment: RunEnvironment;
  startedAt: string;
  durationSeconds: number;
  interrupted?: boolean;
  abortedBy?: string | null;
  summary: RequestSummary;
  requestsByName?: Record<string, RequestSummary>;
  iterations?: IterationSummary | null;
  checks?: CheckSummary[];
  failedExtractions?: FailedExtraction[];
  phases?: RunPhase[];
  statuses?: Record<string, number>;
  errorsByKind?: Record<string, number>;
  warmUp?: WarmUpTotals;
  generator: GeneratorUsage;
  target?: TargetUsage | null;
  thresholds?: ThresholdResult[];
  warnings?: Finding[];
  series?: SeriesPoint[];
  capacity?: CapacityResult | null;
  origin?: RunOrigin | null;
}

export interface RunOrigin {
  tool: string;
  latencyFrom: string;
}

export interface RunPlan {
  name: string;
  target: string;
  digest?: string | null;
  phases?: PlannedPhase[];
  warmUpSeconds?: number;
}

export interface PlannedPhase {
  name: string;
  executor: string;
  connections: number;
  ratePerSecond?: number | null;
  startSeconds?: number;
  levels?: LevelPoint[];
  iterations?: number | null;
  durationSeconds: number;
}

export interface LevelPoint {
  second: number;
  level: number;
}

export interface IterationSummary {
  count: number;
  perSecond: number;
  durationMs: LatencySummary;
  cutShort?: number;
  requestsSkipped?: number;
  interrupted?: number;
  dropped?: number;
}

export interface CheckSummary {
  name: string;
  request: string;
  passes: number;
  fails: number;
}

export interface FailedExtraction {
  request: string;
  variable: string;
  count: number;
}

export interface RunEnvironment {
  headroomVersion: string;
  runtime: string;
  operatingSystem: string;
  architecture: string;
  processor?: string | null;
  processorCount: number;
  memoryBytes?: number | null;
}

export interface RequestSummary {
  requests: number;
  requestsPerSecond: number;
  errors: number;
  errorRate: number;
  bytesReceived: number;
  bytesSent?: number;
  bodyBytes?: number;
  decodedBodyBytes?: number;
  latencyMs: LatencySummary;
  serviceTimeMs: LatencySummary;
  cacheHitRate?: number | null;
  cacheHits?: number;
  cacheMisses?: number;
  dropped?: number;
  statuses?: Record<string, number>;
  errorsByKind?: Record<string, number>;
  targetCpuMicrosecondsPerRequest?: number | null;
  events?: number;
  timeToFirstEventMs?: LatencySummary | null;
  latencyHistogram?: string | null;
  serviceTimeHistogram?: string | null;
}

export interface LatencySummary {
  min: number;
  p50: number;
  p75: number;
  p90: number;
  p95: number;
  p99: number;
  p999: number;
  max: number;
  mean: number;
  stdDev: number;
}

export interface RunPhase {
  name: string;
  startSeconds: number;
  durationSeconds: number;
  summary: RequestSummary;
}

export interface WarmUpTotals {
  requests: number;
  errors: number;
  bytesReceived: number;
}

export interface GeneratorUsage {
  cpuSeconds: number;
  cpuMicrosecondsPerRequest: number;
  peakRssBytes: number;
  rssGrowthBytesPerHour?: number | null;
  lagMs: LatencySummary;
  workers?: number;
  garbageCollections?: number;
  garbageCollectionPauseMs?: number;
}

export interface TargetUsage {
  processIds?: number[];
  processName?: string | null;
  cpuSeconds: number;
  cpuMicrosecondsPerRequest?: number;
  rssBytes: Gauge;
  rssGrowthBytesPerHour?: number;
  openHandles?: Gauge | null;
  threads?: Gauge | null;
}

export interface Gauge {
  start: number;
  peak: number;
  end: number;
}

export interface ThresholdResult {
  expression: string;
  observed?: number | null;
  observedText?: string | null;
  passed: boolean;
  undecided?: boolean;
  reason?: string | null;
}

export interface Finding {
  code: string;
  severity: "info" | "warning" | "critical";
  summary?: string;
  message?: string;
  evidence?: string[];
  impact?: { value: number; unit: string; basis: string } | null;
  remedy: string;
  docs?: string | null;
}

export interface SeriesPoint {
  second: number;
  requests: number;
  errors: number;
  bytesReceived: number;
  latencyMs: LatencySummary;
  phase?: string | null;
  vus?: number | null;
  targetCpuCores?: number | null;
  targetRssBytes?: number | null;
  targetOpenHandles?: number | null;
}
