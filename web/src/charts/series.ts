import type { RunFile, SeriesPoint } from "../contract/runFile";
import type { Band } from "./bands";

/** A point of a series and how much of a second it stands for. */
export interface TimedPoint {
  point: SeriesPoint;
  seconds: number;
}

/** A shorter stub of a second, as at the end of a run or of a round, has too few requests for a rate or a percentile. */
const StubSeconds = 0.25;

/** More stretches than this are no phases that a reader could follow. */
const MostBands = 12;

/**
 * The points of a run in their order. Rounds that were merged into one run start where the one before ended, so that points stand at
 * fractions of seconds and the last of each round may stand for less than a second.
 */
export function timed(run: RunFile): TimedPoint[] {
  const points = [...(run.series ?? [])].sort((a, b) => a.second - b.second);
  return points.map((point, i) => ({ point, seconds: Math.min(1, Math.max(0, (points[i + 1]?.second ?? run.durationSeconds) - point.second)) }));
}

/** The points that stand for enough of a second; all of them where there are no others. */
export function withoutStubs(points: TimedPoint[]): TimedPoint[] {
  const whole = points.filter(({ seconds }) => seconds >= StubSeconds);
  return whole.length > 0 ? whole : points.filter(({ seconds }) => seconds > 0);
}

/** Every time at which any of the runs has a point; a run of nothing has one at 0. */
export function sharedAxis(series: TimedPoint[][]): number[] {
  const times = new Set(series.flatMap((points) => points.map(({ point }) => point.second)));
  return times.size === 0 ? [0] : [...times].sort((a, b) => a - b);
}

/** A run's figure on the shared axis; undefined where only other runs have a point, so that its line goes on there. */
export function valuesAt(axis: number[], points: TimedPoint[], figure: { of: (point: TimedPoint) => number | null | undefined }): (number | null | undefined)[] {
  const byTime = new Map(points.map((point) => [point.point.second, figure.of(point)]));
  return axis.map((time) => byTime.get(time));
}

/** The phases as stretches of time; none where the runs did not go through the same ones at the same times, or there is only one. */
export function sharedBands(series: TimedPoint[][]): Band[] {
  const [first = [], ...others] = series.map(bandsOf);
  const same = others.every((bands) => bands.length === first.length && bands.every((band, i) => band.label === first[i]?.label && Math.abs(band.from - (first[i]?.from ?? NaN)) < 1));
  return same && first.length >= 2 && first.length <= MostBands ? first : [];
}

function bandsOf(points: TimedPoint[]): Band[] {
  const bands: Band[] = [];
  for (const { point, seconds } of points) {
    const last = bands.at(-1);
    // A second in which two phases met has no phase of its own.
    const label = point.phase ?? last?.label ?? "";
    if (last?.label === label) last.to = point.second + seconds;
    else bands.push({ label, from: point.second, to: point.second + seconds });
  }
  return bands;
}
