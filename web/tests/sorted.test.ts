import { describe, expect, it } from "vitest";
import { sorted } from "../src/page/sorted";

const values = (list: (number | string | null)[], ascending: boolean) => sorted(list, { value: (row) => row }, ascending);

describe("sorted", () => {
  it("puts unknown last in both directions", () => {
    expect(values([2, null, 10, 1], true)).toEqual([1, 2, 10, null]);
    expect(values([2, null, 10, 1], false)).toEqual([10, 2, 1, null]);
  });

  it("sorts names as people count", () => {
    expect(values(["GET /b/10", "GET /b/9", "GET /a"], true)).toEqual(["GET /a", "GET /b/9", "GET /b/10"]);
  });

  it("leaves the given order as it was", () => {
    const rows = [3, 1, 2];

    values(rows, true);

    expect(rows).toEqual([3, 1, 2]);
  });
});
