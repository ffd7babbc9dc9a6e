import { logSplits } from "../charts/logScale";
import { shortened } from "../numbers/format";
import { extent } from "../numbers/extent";
import { h } from "./dom";

/** A logarithmic axis shared by the rows of a list, on which each row is a bar between two values. */
export class TrackAxis {
  private readonly low: number;
  private readonly high: number;

  constructor(values: (number | null)[]) {
    const range = extent(values.filter((value) => value !== null && value > 0)) ?? { low: 1, high: 10 };
    const spare = Math.max(1.15, Math.sqrt(10 / (range.high / range.low)));
    this.low = range.low / spare;
    this.high = range.high * spare;
  }

  /** Where a value stands, 0 to 100; zero stands at the left edge. */
  position(value: number): number {
    if (value <= 0) return 0;
    return (Math.log(value / this.low) / Math.log(this.high / this.low)) * 100;
  }

  marks(): number[] {
    return logSplits(this.low, this.high, 5);
  }

  /** The labels above the rows. */
  scale(format: (value: number) => string): HTMLElement {
    const marks = this.marks().map((mark) => placed(h("span", null, shortened(format(mark))), this.position(mark)));
    return h("div", { class: "track-scale", "aria-hidden": "true" }, h("div", { class: "track-labels" }, marks));
  }

  /** One row: a bar from one value to the other with a dot at each. */
  track(from: number | null, to: number | null, className: string): HTMLElement {
    const grid = this.marks().map((mark) => placed(h("i", { class: "track-line" }), this.position(mark)));
    return h("div", { class: `track ${className}`, "aria-hidden": "true" }, grid, bar(this, from, to), dot(this, from, "from"), dot(this, to, "to"));
  }
}

function bar(axis: TrackAxis, from: number | null, to: number | null): HTMLElement | null {
  if (from === null || to === null) return null;
  const [left, right] = [axis.position(from), axis.position(to)].sort((a, b) => a - b) as [number, number];
  const element = placed(h("i", { class: from > to ? "track-bar leftwards" : "track-bar rightwards" }), left);
  element.style.width = `${right - left}%`;
  return element;
}

const dot = (axis: TrackAxis, value: number | null, kind: string): HTMLElement | null => (value === null ? null : placed(h("i", { class: `track-dot ${kind}` }), axis.position(value)));

function placed(element: HTMLElement, percent: number): HTMLElement {
  element.style.left = `${percent}%`;
  return element;
}
