/** The axis of a percentile curve: 1/(1 - p), "one in so many", logarithmic. */
const PointsPerDecade = 60;

/** Sampled evenly on the logarithmic axis: 1 is the minimum, 10 the 90th percentile, 1,000 the 99.9th. */
export function rarities(highest: number): number[] {
  const steps = Math.max(2, Math.ceil(Math.log10(highest) * PointsPerDecade));
  return Array.from({ length: steps + 1 }, (_, i) => highest ** (i / steps));
}

/** 1 → 0 %, 10 → 90 %, 1,000 → 99.9 %. */
export function percentileLabel(rarity: number): string {
  const decimals = Math.max(0, Math.ceil(Math.log10(rarity) - 2 - 1e-9));
  return `${((1 - 1 / rarity) * 100).toFixed(rarity < 100 ? 0 : decimals)} %`;
}
