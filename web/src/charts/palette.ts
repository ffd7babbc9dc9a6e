import { ThemeChanged } from "../page/theme";

/** The style sheet's colours as a canvas can use them: custom properties resolved for the theme that is on. */
const resolved = new Map<string, string>();
document.addEventListener(ThemeChanged, () => resolved.clear());

export function colour(property: string): string {
  let value = resolved.get(property);
  if (value === undefined) {
    const probe = document.createElement("span");
    probe.style.color = `var(${property})`;
    document.body.append(probe);
    value = getComputedStyle(probe).color;
    probe.remove();
    resolved.set(property, value);
  }
  return value;
}

/**
 * Colours of the runs, told apart with every common colour vision (after Okabe and Ito) and by their dashes. Of two runs the
 * last is the one that the reader came for and has the strong colour.
 */
export interface RunStyle {
  readonly property: string;
  readonly dash: number[];
}

const only: RunStyle[] = [{ property: "--run-after", dash: [] }];
const pair: RunStyle[] = [{ property: "--run-before", dash: [] }, ...only];
const others: RunStyle[] = [
  { property: "--run-3", dash: [8, 3] },
  { property: "--run-4", dash: [3, 3] },
  { property: "--run-5", dash: [10, 3, 2, 3] },
  { property: "--run-6", dash: [2, 5] },
];

export function runStyles(runs: number): RunStyle[] {
  if (runs === 1) return only;
  const middle = Array.from({ length: runs - 2 }, (_, i) => others[i % others.length] as RunStyle);
  return [pair[0] as RunStyle, ...middle, pair[1] as RunStyle];
}
