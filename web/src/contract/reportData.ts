import type { CapacityData } from "./capacity";
import type { AblationData, ComparisonData, TrendData } from "./comparison";
import type { RunFile } from "./runFile";

/** What Headroom.Reports writes into the page's data slot. */
export interface ReportData {
  title: string;
  generatedAt: string;
  runs: LabeledRun[];
  /** Of a search for the capacity; the run is then that of the highest rate that met the objectives. */
  capacity?: CapacityData;
  /** Of repeated runs; the runs are then those of each side, merged. */
  comparison?: ComparisonData;
  /** Of switches; the runs are then those of all off and all on, merged. */
  ablation?: AblationData;
  /** Histories of runs; the run is then the latest. */
  trend?: TrendData;
}

export interface LabeledRun {
  label: string;
  run: RunFile;
}

/** Reads the slot; null when the page is still the empty template. */
export function readReportData(slot: string): ReportData | null {
  const data = JSON.parse(slot) as ReportData | null;
  if (data === null || !Array.isArray(data.runs) || data.runs.length === 0) return null;
  for (const { label, run } of data.runs) {
    if (!/^headroom-run\/1(\.|$)/.test(run.schema)) throw new Error(`Run "${label}" has the schema "${run.schema}"; this page reads headroom-run/1.`);
  }
  return data;
}
