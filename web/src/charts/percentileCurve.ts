import { decodeHistogram, valueAt, type Histogram } from "../histogram/hdrHistogram";
import { milliseconds } from "../numbers/format";
import { h } from "../page/dom";
import { chart, type ChartLine } from "./chart";
import { logScale } from "./logScale";
import { percentileLabel, rarities } from "./percentileAxis";

export interface Distribution {
  label: string;
  /** HdrHistogram V2 compressed, base64, nanoseconds. */
  encoded: string;
  colour: string;
  dash?: number[];
}

/** Beyond six nines a run would need a million requests above the mark; no run here has them. */
const MostNines = 1e6;

/** Latency over percentile, both logarithmic: each step to the right is ten times rarer, so that the tail has as much room as the middle. */
export async function percentileCurve(title: string, distributions: Distribution[]): Promise<HTMLElement> {
  const histograms = await Promise.all(distributions.map(({ encoded }) => decodeHistogram(encoded)));
  const largest = Math.max(0, ...histograms.map((histogram) => histogram.totalCount));
  if (largest === 0) return h("p", { class: "empty card" }, "No request has a latency, so there is none to draw.");

  const x = rarities(Math.min(MostNines, Math.max(10, largest)));
  const lines: ChartLine[] = distributions.map((distribution, i) => ({
    label: distribution.label,
    colour: distribution.colour,
    dash: distribution.dash ?? [],
    values: curve(histograms[i] as Histogram, x),
  }));
  const y = logScale(lines.flatMap((line) => line.values));
  const marks = [1, 2, 4, 10, 100, 1000, 1e4, 1e5, 1e6].filter((mark) => mark <= (x.at(-1) ?? 1) * 1.001);
  return chart({
    title,
    description: lines.map((line, i) => describe(line.label, histograms[i] as Histogram)).join(" "),
    x,
    lines,
    formatX: percentileLabel,
    formatY: milliseconds,
    xScale: { distr: 3, log: 10, range: [1, x.at(-1) ?? 10] },
    yScale: y.scale,
    xAxis: { splits: (plot) => legible(marks, plot.width / Math.log10(x.at(-1) ?? 10)), space: 20 },
    yAxis: { splits: () => y.splits, space: 20 },
    height: 320,
  });
}

/** The median and the 75th percentile stand close together at the left: they go where their labels would touch. */
const legible = (marks: number[], decadeWidth: number): number[] => marks.filter((mark) => (mark === 2 ? decadeWidth >= 180 : mark === 4 ? decadeWidth >= 130 : true));

/** Ends at the rarest value that this run has seen: beyond one in its total count nothing was measured. */
function curve(histogram: Histogram, x: number[]): (number | null)[] {
  return x.map((rarity) => {
    if (rarity > histogram.totalCount * 1.000001) return null;
    const nanoseconds = valueAt(histogram, 1 - 1 / rarity);
    return nanoseconds === null ? null : nanoseconds / 1e6;
  });
}

function describe(label: string, histogram: Histogram): string {
  const at = (percentile: number): string => milliseconds((valueAt(histogram, percentile) ?? 0) / 1e6);
  return `${label}: median ${at(0.5)}, 99th percentile ${at(0.99)}, highest ${at(1)}.`;
}
