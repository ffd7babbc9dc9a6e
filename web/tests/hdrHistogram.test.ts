import { describe, expect, it } from "vitest";
import { decodeHistogram, valueAt } from "../src/histogram/hdrHistogram";
import { payloads, percentiles } from "./frozenPayloads";

describe("decodeHistogram", () => {
  it.each(payloads)("reads $name as the reference does", async ({ count, values, encoded }) => {
    const histogram = await decodeHistogram(encoded);

    expect(histogram.totalCount).toBe(count);
    // The 0th percentile is the lower bound of its bucket there; the curve wants the upper one throughout.
    expect(percentiles.slice(1).map((percentile) => valueAt(histogram, percentile) ?? 0)).toEqual(values.slice(1));
  });

  it("counts the same below every bucket", async () => {
    const histogram = await decodeHistogram(payloads.find(({ name }) => name === "jsCoarse")?.encoded ?? "");

    expect(histogram.cumulativeCounts.at(-1)).toBe(500);
    expect([...histogram.highestValues]).toEqual([...histogram.highestValues].sort((a, b) => a - b));
  });

  it.each([
    ["text that is not base64", "%%%"],
    ["another format", btoa("0123456789abcdef")],
    ["nothing", ""],
    ["a payload cut in its envelope", "HISTFAAAADN4"],
    ["a payload cut in its compressed part", (payloads[3]?.encoded ?? "").slice(0, 200)],
  ])("refuses %s", async (_, encoded) => {
    await expect(decodeHistogram(encoded)).rejects.toThrow();
  });
});
