import type { RequestSummary } from "../contract/runFile";
import { bytes, count, microseconds, milliseconds, percent, perSecond } from "./format";
import type { Better } from "./gain";

/** A figure of a set of requests that can be shown and compared. */
export interface Metric {
  key: string;
  label: string;
  better: Better;
  of: (summary: RequestSummary) => number | null;
  format: (value: number) => string;
  /** How an improvement and its opposite are called: "faster", "slower". */
  words: readonly [better: string, worse: string];
}

const latency = (key: "p50" | "p90" | "p95" | "p99" | "p999" | "max" | "mean", label: string): Metric => ({
  key,
  label,
  better: "lower",
  // Zeros stand for requests that broke off, which have no latency.
  of: (summary) => (summary.latencyMs.max > 0 ? summary.latencyMs[key] : null),
  format: milliseconds,
  words: ["faster", "slower"],
});

const perRequest = (total: number | undefined, summary: RequestSummary): number | null => (total === undefined || summary.requests === 0 ? null : total / summary.requests);

export const p50 = latency("p50", "p50");
export const p95 = latency("p95", "p95");
export const p99 = latency("p99", "p99");
export const max = latency("max", "max");

export const requests: Metric = { key: "requests", label: "Requests", better: "higher", of: (s) => s.requests, format: count, words: ["more", "fewer"] };
export const throughput: Metric = { key: "throughput", label: "Throughput", better: "higher", of: (s) => s.requestsPerSecond, format: perSecond, words: ["more", "less"] };
export const errorRate: Metric = { key: "error-rate", label: "Errors", better: "lower", of: (s) => (s.requests > 0 ? s.errorRate : null), format: percent, words: ["fewer", "more"] };
export const cacheHitRate: Metric = { key: "hit-rate", label: "Cache hits", better: "higher", of: (s) => s.cacheHitRate ?? null, format: percent, words: ["more", "fewer"] };
export const bytesPerRequest: Metric = { key: "bytes", label: "Bytes per request", better: "lower", of: (s) => perRequest(s.bytesReceived, s), format: bytes, words: ["smaller", "larger"] };
export const decodedPerRequest: Metric = { key: "decoded", label: "Decoded body", better: "lower", of: (s) => perRequest(s.decodedBodyBytes, s), format: bytes, words: ["smaller", "larger"] };
export const cpuPerRequest: Metric = { key: "cpu", label: "Server CPU per request", better: "lower", of: (s) => s.targetCpuMicrosecondsPerRequest ?? null, format: microseconds, words: ["less", "more"] };
