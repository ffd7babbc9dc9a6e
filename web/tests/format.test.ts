import { describe, expect, it } from "vitest";
import * as format from "../src/numbers/format";
import figures from "./figures.json";

/** The same file holds Headroom.Reports to the same texts, so that page and console never differ. */
const kinds = Object.entries(figures) as [keyof typeof figures, [number, string][]][];

describe.each(kinds)("%s", (kind, cases) => {
  it.each(cases)("writes %d as %s", (value, text) => {
    expect(format[kind](value)).toBe(text);
  });
});

describe("shortened", () => {
  it.each([
    ["3.00 ms", "3 ms"],
    ["2.50 s", "2.5 s"],
    ["30.0 ms", "30 ms"],
    ["100 ms", "100 ms"],
    ["1,000", "1,000"],
    ["0 B", "0 B"],
  ])("%s is %s", (figure, mark) => {
    expect(format.shortened(figure)).toBe(mark);
  });
});

describe("instant", () => {
  it("is told in UTC wherever the reader is", () => {
    expect(format.instant("2026-11-21T10:30:00+01:00")).toBe("21 Nov 2026, 09:30 UTC");
  });

  it("shows what it cannot read as it stands", () => {
    expect(format.instant("soon")).toBe("soon");
  });
});
