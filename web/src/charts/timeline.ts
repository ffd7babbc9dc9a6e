import type { LabeledRun } from "../contract/reportData";
import type { RunFile, SeriesPoint } from "../contract/runFile";
import { extent } from "../numbers/extent";
import { bytes, milliseconds, number } from "../numbers/format";
import { chart, type Band, type ChartLine } from "./chart";
import type { RunStyle } from "./palette";

/** One chart: a figure of every second of every run. */
interface Figure {
  title: string;
  of: (point: SeriesPoint, share: number) => number | null | undefined;
  format: (value: number) => string;
  filled?: boolean;
}

const latencyAt = (percentile: "p50" | "p99") => (point: SeriesPoint) => (point.requests > 0 ? point.latencyMs[percentile] : null);

const throughput: Figure = { title: "Throughput, requests per second", of: (point, share) => point.requests / share, format: number, filled: true };
const errors: Figure = { title: "Errors per second", of: (point, share) => point.errors / share, format: number, filled: true };
const cpu: Figure = { title: "Target CPU, cores busy", of: (point) => point.targetCpuCores, format: number };
const memory: Figure = { title: "Target memory (RSS)", of: (point) => point.targetRssBytes, format: bytes };
const handles: Figure = { title: "Target open handles", of: (point) => point.targetOpenHandles, format: number };

export function timelines(runs: LabeledRun[], styles: RunStyle[]): HTMLElement[] {
  const axis = secondsAxis(runs.map(({ run }) => run));
  const draw = (figure: Figure, lines: ChartLine[]): HTMLElement => drawTimeline(figure, axis, lines, runs);
  const drawn = [draw(throughput, linesOf(throughput, runs, styles, axis)), draw({ ...throughput, title: "Latency", format: milliseconds }, latencyLines(runs, styles, axis))];
  for (const figure of [errors, cpu, memory, handles]) {
    const lines = linesOf(figure, runs, styles, axis);
    // A figure that nobody saw, or errors that did not happen, need no empty chart.
    if (lines.some((line) => line.values.some((value) => value !== null && (figure !== errors || value > 0)))) drawn.push(draw(figure, lines));
  }
  return drawn;
}

export const hasErrors = (runs: LabeledRun[]): boolean => runs.some(({ run }) => (run.series ?? []).some((point) => point.errors > 0));

/** Every second from the start to the last point of the longest run: a second without a point is a second without requests. */
function secondsAxis(runs: RunFile[]): number[] {
  const last = Math.max(0, ...runs.map((run) => run.series?.at(-1)?.second ?? 0));
  return Array.from({ length: Math.floor(last) + 1 }, (_, i) => i);
}

function linesOf(figure: Figure, runs: LabeledRun[], styles: RunStyle[], axis: number[]): ChartLine[] {
  return runs.map(({ label, run }, i) => ({
    label,
    colour: styles[i]?.property ?? "--run-after",
    dash: styles[i]?.dash ?? [],
    filled: figure.filled === true && runs.length === 1,
    values: valuesOf(figure, run, axis),
  }));
}

/** The middle and the tail of each run: the tail as a full line, the middle thin. */
function latencyLines(runs: LabeledRun[], styles: RunStyle[], axis: number[]): ChartLine[] {
  const line = (percentile: "p50" | "p99", run: LabeledRun, style: RunStyle | undefined): ChartLine => ({
    label: runs.length === 1 ? percentile : `${run.label} ${percentile}`,
    colour: style?.property ?? "--run-after",
    dash: percentile === "p50" ? [4, 4] : [],
    width: percentile === "p50" ? 1.5 : 2,
    values: valuesOf({ title: "", of: latencyAt(percentile), format: milliseconds }, run.run, axis),
  });
  return runs.flatMap((run, i) => [line("p50", run, styles[i]), line("p99", run, styles[i])]);
}

function valuesOf(figure: Figure, run: RunFile, axis: number[]): (number | null)[] {
  const series = run.series ?? [];
  const last = Math.floor(series.at(-1)?.second ?? -1);
  const values: (number | null)[] = axis.map((second) => (second <= last && figure.of === throughput.of ? 0 : null));
  for (const point of series) values[Math.floor(point.second)] = figure.of(point, shareOfSecond(point, run)) ?? null;
  return values;
}

/** The run seldom ends on a full second; its last point counts for the part that was measured, or the line would seem to collapse. */
function shareOfSecond(point: SeriesPoint, run: RunFile): number {
  const share = Math.min(1, run.durationSeconds - point.second);
  return share >= 0.1 ? share : 1;
}

function drawTimeline(figure: Figure, axis: number[], lines: ChartLine[], runs: LabeledRun[]): HTMLElement {
  const highest = extent(lines.flatMap((line) => line.values))?.high ?? 0;
  const end = Math.max(1, axis.length - 1);
  return chart({
    title: figure.title,
    description: `${figure.title} over time. ${lines.map((line) => describe(line, figure.format)).join(" ")}`,
    x: axis,
    lines,
    formatX: (second) => clock(second, end),
    formatY: figure.format,
    xScale: { range: (_, min, max) => (min === max ? [0, end] : [min, max]) },
    yScale: { range: [0, highest > 0 ? highest * 1.08 : 1] },
    xAxis: { incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400], space: 56 },
    yAxis: { space: 36 },
    bands: phasesOf(runs),
    syncKey: "time",
  });
}

/** Phases are shown when every run went through the same ones at the same times, or they would name the wrong stretch. */
function phasesOf(runs: LabeledRun[]): Band[] {
  const [first, ...others] = runs.map(({ run }) => (run.phases ?? []).map((phase): Band => ({ label: phase.name, from: phase.startSeconds, to: phase.startSeconds + phase.durationSeconds })));
  if (first === undefined || first.length < 2) return [];
  const same = others.every((bands) => bands.length === first.length && bands.every((band, i) => band.label === first[i]?.label && Math.abs(band.from - (first[i]?.from ?? NaN)) < 1));
  return same ? first : [];
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
