import type { LabeledRun } from "../contract/reportData";
import type { RequestSummary } from "../contract/runFile";
import { times } from "../numbers/format";
import { gainOf } from "../numbers/gain";
import { bytesPerRequest, cacheHitRate, cpuPerRequest, decodedPerRequest, errorRate, max, p50, p95, p99, requests, throughput, type Metric } from "../numbers/metrics";
import { h } from "../page/dom";
import { sortableTable, type Column } from "../page/sortableTable";
import { endpointNames, summaryOf } from "./gains";

interface Row {
  name: string;
  /** One of each run, undefined where the run does not have the endpoint. */
  summaries: (RequestSummary | undefined)[];
}

const ofOneRun = [requests, throughput, errorRate, p50, p95, p99, max, bytesPerRequest, decodedPerRequest, cacheHitRate, cpuPerRequest];
const compared = [p50, p95, p99, throughput, bytesPerRequest, cpuPerRequest, errorRate, cacheHitRate];

/** Every figure of every endpoint, to sort. */
export function endpoints(runs: LabeledRun[]): HTMLElement | null {
  const rows = endpointNames(...runs).map((endpoint): Row => ({ name: endpoint, summaries: runs.map((run) => summaryOf(run, endpoint)) }));
  if (rows.length === 0) return null;
  const known = (metric: Metric): boolean => rows.some((row) => row.summaries.some((summary) => summary !== undefined && metric.of(summary) !== null));
  const columns = runs.length === 1 ? ofOneRun.filter(known).map((metric) => columnOf(metric, 0)) : compared.filter(known).flatMap((metric) => comparedColumns(metric, runs));
  return h("section", { "aria-labelledby": "endpoints-title", class: "card" }, h("h2", { id: "endpoints-title" }, "Endpoints"), sortableTable("Figures per endpoint; choose a heading to sort by it", [nameColumn, ...columns], rows, runs.length === 1 ? "p95" : "p95-ratio"));
}

const nameColumn: Column<Row> = { key: "name", label: "Endpoint", value: (row) => row.name };

function columnOf(metric: Metric, run: number, label?: string): Column<Row> {
  return {
    key: label === undefined ? metric.key : `${metric.key}-${run}`,
    label: label ?? metric.label,
    value: ({ summaries }) => (summaries[run] ? metric.of(summaries[run]) : null),
    format: metric.format,
  };
}

/** The figure in each run, then how many times better the last is than the first. */
function comparedColumns(metric: Metric, runs: LabeledRun[]): Column<Row>[] {
  const last = runs.length - 1;
  const gain = ({ summaries: all }: Row) => gainOf(all[0] ? metric.of(all[0]) : null, all[last] ? metric.of(all[last]) : null, metric.better);
  const ratio: Column<Row> = { key: `${metric.key}-ratio`, label: "ratio", value: (row) => gain(row).ratio, format: times, cellClass: (row) => `gain ${gain(row).direction}` };
  return [...runs.map(({ label }, i) => columnOf(metric, i, label)), ratio].map((column) => ({ ...column, group: metric.label, screenOnly: metric === errorRate || metric === cacheHitRate }));
}
