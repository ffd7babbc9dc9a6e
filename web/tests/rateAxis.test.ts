import { expect, test } from "vitest";
import { rateAxis, rateMarks, valueAxis } from "../src/charts/rateAxis";

test("a capacity whose interval ends beyond the highest rate is cut at the chart's edge", () => {
  const x = rateAxis({ low: 10, high: 100 });
  expect(x.position(1000)).toBeGreaterThan(150);
  expect(x.within(1000)).toBe(100);
  expect(x.within(1)).toBe(0);
  expect(x.within(31.62)).toBeCloseTo(50, 0);
});

test("where no step was answered the latency's axis is finite, and shows the limits", () => {
  for (const limits of [[], [200]]) {
    const y = valueAxis([0, 0], limits, true);
    expect(y.marks.length).toBeGreaterThan(0);
    for (const value of [...y.marks, y.position(0), y.position(5), y.position(200)]) expect(Number.isFinite(value)).toBe(true);
    expect(y.holds(200)).toBe(limits.length > 0);
  }
});

test("an axis from 0 of nothing but zeros is finite", () => {
  const y = valueAxis([0, 0], [], false);
  expect(Number.isFinite(y.position(0))).toBe(true);
  expect(y.within(0)).toBe(0);
});

test("a limit far above the points is no part of the axis", () => {
  expect(valueAxis([1, 10], [1000], true).holds(1000)).toBe(false);
  expect(valueAxis([1, 10], [30], true).holds(30)).toBe(true);
});

test("marks of one rate are that rate", () => {
  const rates = { low: 50, high: 50 };
  expect(rateMarks(rates, rateAxis(rates).position, 10)).toEqual([50]);
});
