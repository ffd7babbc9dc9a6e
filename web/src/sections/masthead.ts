import type { ReportData } from "../contract/reportData";
import { instant } from "../numbers/format";
import { h, name, svg } from "../page/dom";
import { themeToggle } from "../page/theme";

export function masthead(data: ReportData): HTMLElement {
  return h(
    "header",
    { class: "masthead" },
    h("div", { class: "brand" }, mark(), h("span", null, "Headroom")),
    themeToggle(),
    h("h1", null, name(data.title)),
    h("p", { class: "muted" }, "Report of ", h("time", { datetime: data.generatedAt }, instant(data.generatedAt))),
  );
}

/** The load under the line, and the room above it. */
const mark = (): SVGElement =>
  svg(
    "svg",
    { viewBox: "0 0 24 24", width: 24, height: 24, fill: "none", "aria-hidden": "true", class: "mark" },
    svg("path", { d: "M3 5H21", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "stroke-dasharray": "2 3.2" }),
    svg("path", { d: "M3 20C7 20 8 11 12 11S17 14.5 21 12.5", stroke: "currentColor", "stroke-width": 2.4, "stroke-linecap": "round" }),
  );
