import type uPlot from "uplot";
import { extent } from "../numbers/extent";

/** Marks of a logarithmic axis: 1, 2 and 5 of every decade, or fewer where that would make more marks than there is room for. */
export function logSplits(low: number, high: number, mostMarks: number): number[] {
  for (const steps of [[1, 2, 5], [1, 3]]) {
    const marks = marksAt(low, high, steps);
    if (marks.length <= mostMarks) return marks;
  }
  return marksAt(low, high, [1]);
}

function marksAt(low: number, high: number, steps: number[]): number[] {
  const marks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent++) {
    for (const step of steps) {
      const mark = Number((step * 10 ** exponent).toPrecision(2));
      if (mark >= low * 0.999 && mark <= high * 1.001) marks.push(mark);
    }
  }
  return marks;
}

/** A logarithmic scale that fits the values with a little air, instead of whole decades. */
export function logScale(values: Iterable<number | null | undefined>): { scale: uPlot.Scale; splits: number[] } {
  let { low, high } = extent(positive(values)) ?? { low: 1, high: 10 };
  // At least one decade, so that noise is not drawn as drama.
  const spare = Math.max(1.25, Math.sqrt(10 / (high / low)));
  low /= spare;
  high *= spare;
  return { scale: { distr: 3, log: 10, range: [low, high] }, splits: logSplits(low, high, 9) };
}

function* positive(values: Iterable<number | null | undefined>): Generator<number> {
  for (const value of values) if (value != null && value > 0) yield value;
}
