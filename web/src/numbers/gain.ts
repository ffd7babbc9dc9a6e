import { times, Unknown } from "./format";

/** Which way a figure should go. */
export type Better = "lower" | "higher";

/** How a figure changed between two runs. `ratio` above 1 is an improvement, whichever way the figure should go. */
export interface Gain {
  readonly ratio: number | null;
  readonly direction: "better" | "worse" | "same" | "unknown";
}

/** Within this share of 1 a change gets no colour: it says nothing without repeated runs. */
const SameWithin = 0.05;

export function gainOf(before: number | null | undefined, after: number | null | undefined, better: Better): Gain {
  if (before == null || after == null) return { ratio: null, direction: "unknown" };
  if (before === after) return { ratio: before === 0 ? null : 1, direction: "same" };
  const improved = better === "lower" ? after < before : after > before;
  if (before <= 0 || after <= 0) return { ratio: null, direction: improved ? "better" : "worse" };
  const ratio = better === "lower" ? before / after : after / before;
  if (Math.abs(ratio - 1) < SameWithin) return { ratio, direction: "same" };
  return { ratio, direction: improved ? "better" : "worse" };
}

/** "8.21× faster", "1.30× slower", "same"; the two words fit the figure. */
export function describeGain(gain: Gain, betterWord: string, worseWord: string): string {
  switch (gain.direction) {
    case "unknown":
      return Unknown;
    case "same":
      return "about the same";
    case "better":
      return gain.ratio === null ? betterWord : `${times(gain.ratio)} ${betterWord}`;
    case "worse":
      return gain.ratio === null ? worseWord : `${times(1 / gain.ratio)} ${worseWord}`;
  }
}
