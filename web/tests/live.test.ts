import { describe, expect, it } from "vitest";
import { blockRate, History, hitRate, KeptMost, type LiveSample } from "../src/live/sample";

const sample = (at: number, changes: Partial<LiveSample> = {}): LiveSample => ({
  at,
  seconds: 1,
  requests: { perSecond: 1, active: 0, p50Ms: 1, p95Ms: 2, p99Ms: 3, errorRate: 0 },
  caches: [],
  limits: [],
  runtime: { cpuCores: 0, memoryBytes: 1, heapBytes: 1, allocatedPerSecond: 1, gcPauseShare: 0, collections: [0, 0, 0], poolThreads: 1, poolQueue: 0 },
  database: { perSecond: 0, p95Ms: null, poolUsed: null, poolMax: null },
  endpoints: [],
  ...changes,
});

describe("History", () => {
  it("keeps five minutes, the newest last", () => {
    const history = new History();
    for (let i = 1; i <= KeptMost + 5; i++) history.add(sample(i));
    expect(history.samples.length).toBe(KeptMost);
    expect(history.samples[0]?.at).toBe(6);
    expect(history.samples.at(-1)?.at).toBe(KeptMost + 5);
  });

  it("takes nothing twice that the server sends again after a lost connection", () => {
    const history = new History();
    expect(history.add(sample(1))).toBe(true);
    expect(history.add(sample(2))).toBe(true);
    expect(history.add(sample(1))).toBe(false);
    expect(history.add(sample(2))).toBe(false);
    expect(history.add(sample(3))).toBe(true);
    expect(history.samples.map(({ at }) => at)).toEqual([1, 2, 3]);
  });
});

describe("rates", () => {
  it("weigh caches by their look-ups", () => {
    const caches = [
      { name: "a", perSecond: 90, hitRate: 1 },
      { name: "b", perSecond: 10, hitRate: 0 },
      { name: "c", perSecond: 0, hitRate: null },
    ];
    expect(hitRate(sample(1, { caches }))).toBeCloseTo(0.9);
    expect(hitRate(sample(1))).toBeNull();
  });

  it("add limits up", () => {
    expect(blockRate(sample(1, { limits: [{ policy: "p", allowedPerSecond: 3, blockedPerSecond: 1 }] }))).toBe(0.25);
    expect(blockRate(sample(1))).toBeNull();
  });
});
