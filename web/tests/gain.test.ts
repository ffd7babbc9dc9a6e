import { describe, expect, it } from "vitest";
import { describeGain, gainOf } from "../src/numbers/gain";

describe("gainOf", () => {
  it.each([
    [100, 10, "lower", { ratio: 10, direction: "better" }],
    [10, 100, "lower", { ratio: 0.1, direction: "worse" }],
    [100, 200, "higher", { ratio: 2, direction: "better" }],
    [200, 100, "higher", { ratio: 0.5, direction: "worse" }],
    [100, 97, "lower", { ratio: 100 / 97, direction: "same" }],
    [0, 0, "lower", { ratio: null, direction: "same" }],
    [5, 5, "lower", { ratio: 1, direction: "same" }],
    [3, 0, "lower", { ratio: null, direction: "better" }],
    [0, 3, "lower", { ratio: null, direction: "worse" }],
    [null, 3, "lower", { ratio: null, direction: "unknown" }],
    [3, undefined, "higher", { ratio: null, direction: "unknown" }],
  ] as const)("from %s to %s, %s is better", (before, after, better, gain) => {
    expect(gainOf(before, after, better)).toEqual(gain);
  });
});

describe("describeGain", () => {
  it("names a loss by how much worse it is", () => {
    expect(describeGain(gainOf(10, 25, "lower"), "faster", "slower")).toBe("2.50× slower");
  });

  it("says the word alone where there is no ratio", () => {
    expect(describeGain(gainOf(3, 0, "lower"), "fewer", "more")).toBe("fewer");
  });
});
