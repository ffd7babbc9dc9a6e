import { describe, expect, it } from "vitest";
import { logScale, logSplits } from "../src/charts/logScale";
import { percentileLabel, rarities } from "../src/charts/percentileAxis";

describe("percentileLabel", () => {
  it.each([
    [1, "0 %"],
    [2, "50 %"],
    [4, "75 %"],
    [10, "90 %"],
    [100, "99 %"],
    [1000, "99.9 %"],
    [100_000, "99.999 %"],
  ])("1 in %d is %s", (rarity, label) => {
    expect(percentileLabel(rarity)).toBe(label);
  });
});

describe("rarities", () => {
  it("goes from 1 to the end without a step back", () => {
    const values = rarities(12_345);

    expect(values[0]).toBe(1);
    expect(values.at(-1)).toBeCloseTo(12_345, 6);
    expect(values.every((value, i) => i === 0 || value > (values[i - 1] ?? 0))).toBe(true);
  });
});

describe("logSplits", () => {
  it("marks 1, 2 and 5 where there is room", () => {
    expect(logSplits(1, 100, 9)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  });

  it("thins out to the decades", () => {
    expect(logSplits(0.001, 1000, 9)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  });
});

describe("logScale", () => {
  it("spans at least a decade, so that noise is not drawn as drama", () => {
    const range = logScale([10, 10.1]).scale.range as [number, number];

    expect(range[1] / range[0]).toBeGreaterThanOrEqual(10);
  });

  it("leaves out zero and nothing", () => {
    expect(logScale([0, null]).scale.range).toBeDefined();
  });
});
