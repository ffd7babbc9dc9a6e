import type { ComparedMetric, Verdict } from "../contract/comparison";
import { bytes, microseconds, milliseconds, number } from "./format";

/** +9.8 %, −0.4 %, +210 %: as Headroom.Reports writes a change. */
export function change(fraction: number): string {
  const size = Math.abs(100 * fraction);
  const text = size < 0.05 ? "0.0" : size < 99.5 ? size.toFixed(1) : Math.round(size).toLocaleString("en-US");
  return `${text === "0.0" ? "±" : fraction > 0 ? "+" : "−"}${text} %`;
}

export const metricLabels: Record<ComparedMetric, string> = { cpuPerRequest: "CPU/request", allocatedPerRequest: "allocated/request", p50: "p50", throughput: "requests/s", p99: "p99" };

export const verdictWords: Record<Verdict, string> = { worse: "worse", better: "better", same: "same", cannotTell: "cannot tell" };

export function metricValue(metric: ComparedMetric, value: number): string {
  switch (metric) {
    case "cpuPerRequest":
      return microseconds(value);
    case "allocatedPerRequest":
      return bytes(value);
    case "throughput":
      return number(value);
    default:
      return milliseconds(value);
  }
}

/** Where changes stand on an axis of factors: both halves and doubles are as far from no change. Position is 0 to 100. */
export class ChangeAxis {
  readonly limit: number;

  /** @param fractions What has to fit. @param threshold The smallest change that matters, always shown. */
  constructor(fractions: number[], threshold: number) {
    const furthest = Math.max(...fractions.filter((fraction) => fraction > -1).map((fraction) => Math.abs(Math.log(1 + fraction))), 2 * Math.log(1 + threshold));
    this.limit = furthest * 1.08;
  }

  position(fraction: number): number {
    const place = Math.log(Math.max(1e-9, 1 + fraction)) / this.limit;
    return 50 + 50 * Math.min(1, Math.max(-1, place));
  }

  /** Round changes to both sides of none, few enough to be labelled. */
  marks(): number[] {
    const most = Math.exp(this.limit) - 1;
    const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 9, 29, 99];
    const step = steps.findLast((candidate) => candidate <= most * 0.75) ?? 0.01;
    return [1 / (1 + step) - 1, 0, step];
  }
}
