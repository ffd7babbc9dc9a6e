import { logSplits } from "./logScale";

/** Where values stand, in percent of the chart. */
export interface Axis {
  position: (value: number) => number;
  /** The same, cut at the chart's edges. */
  within: (value: number) => number;
}

export interface ValueAxis extends Axis {
  marks: number[];
  /** Whether a value is on it. */
  holds: (value: number) => boolean;
}

const cut = (percent: number): number => Math.min(100, Math.max(0, percent));

function logarithmic(low: number, high: number): Axis {
  const span = Math.log(high / low) || 1;
  const position = (value: number): number => (100 * Math.log(Math.max(value, low) / low)) / span;
  return { position, within: (value) => cut(position(value)) };
}

/** Of the rates of all charts that stand beside each other, with a little air. */
export const rateAxis = (rates: { low: number; high: number }): Axis => logarithmic(rates.low / 1.12, rates.high * 1.12);

/** From 0, or of all decades that there are; a limit is part of it where the points come near it, or where there is no point. */
export function valueAxis(values: number[], limits: number[], isLogarithmic: boolean): ValueAxis {
  const shown = values.filter((value) => !isLogarithmic || value > 0);
  const near = limits.filter((limit) => (shown.length === 0 ? limit > 0 : limit <= 4 * Math.max(...shown)));
  const all = [...shown, ...near];
  if (isLogarithmic) {
    // Where nothing was answered there is no latency to show, and still an axis.
    const [low, high] = all.length > 0 ? [Math.min(...all) / 1.4, Math.max(...all) * 1.4] : [1, 10];
    return { ...logarithmic(low, high), marks: logSplits(low, high, 6), holds: (value) => value > low && value < high };
  }
  // Of nothing but zeros (no work ever waited) the axis goes to 1.
  const high = (Math.max(0, ...all) || 1) * 1.12;
  const position = (value: number): number => (100 * value) / high;
  return { position, within: (value) => cut(position(value)), marks: roundMarks(high), holds: (value) => value < high };
}

/** The lowest and the highest rate, and round ones between them where there is room, in percent of the width. */
export function rateMarks({ low, high }: { low: number; high: number }, x: (value: number) => number, room: number): number[] {
  const marks = [low];
  for (const mark of logSplits(low, high, 9)) if (x(mark) - x(marks.at(-1) as number) >= room && x(high) - x(mark) >= room) marks.push(mark);
  return high > low ? [...marks, high] : marks;
}

/** Three or four whole steps of 1, 2, 2.5 or 5 of a decade, from 0 on. */
function roundMarks(high: number): number[] {
  const decade = 10 ** Math.floor(Math.log10(high / 4));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * decade * 4 >= high) ?? 10) * decade;
  return Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
}
