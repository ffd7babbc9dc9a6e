import { svg } from "./dom";

/** Shapes differ as well as colours, so that pass and fail are told apart without colour. */
const paths = {
  pass: "M3.5 8.5 6.5 11.5 12.5 4.5",
  fail: "M4.5 4.5 11.5 11.5M11.5 4.5 4.5 11.5",
  warning: "M8 4.2V9M8 11.6V11.8",
  info: "M8 7.2V11.6M8 4.4V4.6",
  sun: "M8 1.5V3M8 13V14.5M1.5 8H3M13 8H14.5M3.4 3.4 4.5 4.5M11.5 11.5 12.6 12.6M3.4 12.6 4.5 11.5M11.5 4.5 12.6 3.4M8 5.2A2.8 2.8 0 1 1 8 10.8 2.8 2.8 0 1 1 8 5.2",
  moon: "M13 9.6A5.6 5.6 0 1 1 6.4 3 4.5 4.5 0 0 0 13 9.6Z",
  system: "M2 3.5H14V11H2ZM5.5 13.5H10.5",
} as const;

export function icon(kind: keyof typeof paths, label?: string): SVGElement {
  return svg(
    "svg",
    { class: `icon icon-${kind}`, viewBox: "0 0 16 16", width: 16, height: 16, fill: "none", role: label ? "img" : null, "aria-label": label, "aria-hidden": label ? null : "true" },
    svg("path", { d: paths[kind], stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-linejoin": "round" }),
  );
}
