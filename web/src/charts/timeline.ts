import type { LabeledRun } from "../contract/reportData";
import { extent } from "../numbers/extent";
import { bytes, milliseconds, number } from "../numbers/format";
import { chart, type ChartLine } from "./chart";
import type { RunStyle } from "./palette";
import type { Band } from "./bands";
import { sharedAxis, sharedBands, timed, valuesAt, withoutStubs, type TimedPoint } from "./series";

/** One chart: a figure of every second of every run. `undefined` is no point at all, `null` a second that has no such figure. */
interface Figure {
  title: string;
  of: (point: TimedPoint) => number | null | undefined;
  format: (value: number) => string;
  filled?: boolean;
}

const latencyAt = (percentile: "p50" | "p99") => ({ point }: TimedPoint) => (point.latencyMs.max > 0 ? point.latencyMs[percentile] : null);

const throughput: Figure = { title: "Throughput, requests per second", of: ({ point, seconds }) => point.requests / seconds, format: number, filled: true };
const vus: Figure = { title: "VUs in an iteration", of: ({ point }) => point.vus, format: number };
const errors: Figure = { title: "Errors in each second", of: ({ point }) => point.errors, format: number, filled: true };
const cpu: Figure = { title: "Target CPU, cores busy", of: ({ point }) => point.targetCpuCores, format: number };
const memory: Figure = { title: "Target memory (RSS)", of: ({ point }) => point.targetRssBytes, format: bytes };
const handles: Figure = { title: "Target open handles", of: ({ point }) => point.targetOpenHandles, format: number };

export function timelines(runs: LabeledRun[], styles: RunStyle[]): HTMLElement[] {
  const all = runs.map(({ run }) => timed(run));
  const series = all.map(withoutStubs);
  const axis = sharedAxis(all);
  const bands = sharedBands(all);
  const draw = (figure: Figure, lines: ChartLine[]): HTMLElement => drawTimeline(figure, axis, lines, bands);
  const linesOf = (figure: Figure): ChartLine[] =>
    runs.map(({ label }, i) => ({
      label,
      colour: styles[i]?.property ?? "--run-after",
      dash: styles[i]?.dash ?? [],
      filled: figure.filled === true && runs.length === 1,
      // An error in a stub of a second is an error all the same.
      values: valuesAt(axis, (figure === errors ? all : series)[i] ?? [], figure),
    }));

  const drawn = [draw(throughput, linesOf(throughput)), draw({ ...throughput, title: "Latency", format: milliseconds }, latencyLines(runs, series, styles, axis))];
  for (const figure of [vus, errors, cpu, memory, handles]) {
    const lines = linesOf(figure);
    // A figure that nobody saw, or errors that did not happen, need no empty chart.
    if (lines.some((line) => line.values.some((value) => value != null && (figure !== errors || value > 0)))) drawn.push(draw(figure, lines));
  }
  return drawn;
}

export const hasErrors = (runs: LabeledRun[]): boolean => runs.some(({ run }) => (run.series ?? []).some((point) => point.errors > 0));

/** The middle and the tail of each run: the tail as a full line, the middle thin. */
function latencyLines(runs: LabeledRun[], series: TimedPoint[][], styles: RunStyle[], axis: number[]): ChartLine[] {
  const line = (percentile: "p50" | "p99", run: LabeledRun, points: TimedPoint[], style: RunStyle | undefined): ChartLine => ({
    label: runs.length === 1 ? percentile : `${run.label} ${percentile}`,
    colour: style?.property ?? "--run-after",
    dash: percentile === "p50" ? [4, 4] : [],
    width: percentile === "p50" ? 1.5 : 2,
    values: valuesAt(axis, points, { of: latencyAt(percentile) }),
  });
  return runs.flatMap((run, i) => [line("p50", run, series[i] ?? [], styles[i]), line("p99", run, series[i] ?? [], styles[i])]);
}

function drawTimeline(figure: Figure, axis: number[], lines: ChartLine[], bands: Band[]): HTMLElement {
  const highest = extent(lines.flatMap((line) => line.values))?.high ?? 0;
  const end = Math.max(1, axis.at(-1) ?? 1);
  return chart({
    title: figure.title,
    description: `${figure.title} over time. ${lines.map((line) => describe(line, figure.format)).join(" ")}`,
    x: axis,
    lines,
    formatX: (second) => clock(second, end),
    formatY: figure.format,
    // One second alone would get a range of uPlot's own.
    xScale: { range: axis.length === 1 ? [0, 1] : (_, min, max) => [min, max] },
    yScale: { range: [0, highest > 0 ? highest * 1.08 : 1] },
    xAxis: { incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400], space: 56 },
    yAxis: { space: 36 },
    bands,
    syncKey: "time",
  });
}

function describe(line: ChartLine, format: (value: number) => string): string {
  const range = extent(line.values);
  return range === null ? `${line.label}: not known.` : `${line.label}: from ${format(range.low)} to ${format(range.high)}.`;
}

/** Seconds, or minutes and seconds where the run is longer than two minutes. */
function clock(second: number, end: number): string {
  if (end <= 120) return `${Math.round(second * 10) / 10} s`;
  const minutes = Math.floor(second / 60);
  return `${minutes}:${String(Math.floor(second % 60)).padStart(2, "0")}`;
}
