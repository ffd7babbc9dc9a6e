import { describe, expect, it } from "vitest";
import { sharedAxis, sharedBands, timed, valuesAt, withoutStubs } from "../src/charts/series";
import type { RunFile, SeriesPoint } from "../src/contract/runFile";

const point = (second: number, requests: number, phase = "a"): SeriesPoint => ({ second, requests, phase, errors: 0, bytesReceived: 0, latencyMs: { min: 0, p50: 0, p75: 0, p90: 0, p95: 0, p99: 0, p999: 0, max: 0, mean: 0, stdDev: 0 } });
const run = (durationSeconds: number, ...series: SeriesPoint[]) => ({ durationSeconds, series }) as unknown as RunFile;

describe("timed", () => {
  it("gives the last point the part of a second that was measured", () => {
    expect(timed(run(2.4, point(0, 1), point(1, 1), point(2, 1))).map(({ seconds }) => Number(seconds.toFixed(6)))).toEqual([1, 1, 0.4]);
  });

  it("ends the last point of a merged round where the next round begins", () => {
    expect(timed(run(3.2, point(0, 1), point(1, 1), point(1.2, 1), point(2.2, 1))).map(({ seconds }) => Number(seconds.toFixed(6)))).toEqual([1, 0.2, 1, 1]);
  });

  it("does not stretch a point over seconds without one", () => {
    expect(timed(run(9, point(0, 1), point(5, 1))).map(({ seconds }) => seconds)).toEqual([1, 1]);
  });
});

describe("withoutStubs", () => {
  it("leaves out what is too short for a rate", () => {
    expect(withoutStubs(timed(run(2.1, point(0, 1), point(1, 1), point(2, 1)))).map(({ point }) => point.second)).toEqual([0, 1]);
  });

  it("keeps a run that is shorter than that", () => {
    expect(withoutStubs(timed(run(0.1, point(0, 1))))).toHaveLength(1);
  });
});

describe("valuesAt", () => {
  it("keeps every point of rounds that start at fractions of seconds", () => {
    const plain = timed(run(3.2, point(0, 1), point(1, 2), point(1.2, 3), point(2.2, 4)));
    const tuned = timed(run(3.3, point(0, 5), point(1, 6), point(1.3, 7), point(2.3, 8)));
    const axis = sharedAxis([plain, tuned]);

    expect(axis).toEqual([0, 1, 1.2, 1.3, 2.2, 2.3]);
    expect(valuesAt(axis, plain, { of: ({ point }) => point.requests })).toEqual([1, 2, 3, undefined, 4, undefined]);
    expect(valuesAt(axis, tuned, { of: ({ point }) => point.requests })).toEqual([5, 6, undefined, 7, undefined, 8]);
  });

  it("has an axis although nothing was measured", () => {
    expect(sharedAxis([[], []])).toEqual([0]);
  });
});

describe("sharedBands", () => {
  const phased = timed(run(4, point(0, 1, "sequential"), point(1, 1, "sequential"), point(2, 1, "concurrent"), point(3, 1, "concurrent")));

  it("makes a stretch of each phase", () => {
    expect(sharedBands([phased])).toEqual([
      { label: "sequential", from: 0, to: 2 },
      { label: "concurrent", from: 2, to: 4 },
    ]);
  });

  it("names nothing where the runs differ, or where there is one phase", () => {
    expect(sharedBands([phased, timed(run(2, point(0, 1, "concurrent"), point(1, 1, "sequential")))])).toEqual([]);
    expect(sharedBands([timed(run(2, point(0, 1), point(1, 1)))])).toEqual([]);
  });
});
