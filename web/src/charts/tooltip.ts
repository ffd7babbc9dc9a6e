import type uPlot from "uplot";
import { h, name } from "../page/dom";
import type { ChartOptions } from "./chart";

/** The values under the pointer, beside it. */
export function tooltip(options: Pick<ChartOptions, "lines" | "formatX" | "formatY">): uPlot.Plugin {
  const box = h("div", { class: "tooltip", hidden: true, "aria-hidden": "true" });
  return {
    hooks: {
      init: (plot: uPlot): void => {
        plot.over.append(box);
      },
      setCursor: (plot: uPlot): void => {
        const { idx, left } = plot.cursor;
        const x = idx == null ? undefined : plot.data[0][idx];
        box.hidden = idx == null || x === undefined || left === undefined || left < 0;
        if (box.hidden || x === undefined || idx == null) return;

        box.replaceChildren(h("div", { class: "tooltip-x" }, options.formatX(x)), ...options.lines.map((line, i) => row(line.label, line.colour, valueUnder(plot.data[i + 1] ?? [], idx), options.formatY)));
        const beyond = (left ?? 0) + box.offsetWidth + 16 > plot.over.clientWidth;
        box.style.left = `${beyond ? Math.max(0, (left ?? 0) - box.offsetWidth - 12) : (left ?? 0) + 12}px`;
        box.style.top = "8px";
      },
    },
  };
}

/** Where only other lines have a point, the line goes on from its own last one. */
function valueUnder(values: ArrayLike<number | null | undefined>, index: number): number | null {
  for (let i = index; i >= 0; i--) {
    const value = values[i];
    if (value !== undefined) return value;
  }
  return null;
}

function row(label: string, colour: string, value: number | null | undefined, format: (value: number) => string): HTMLElement {
  const swatch = h("span", { class: "swatch" });
  swatch.style.setProperty("--swatch", `var(${colour})`);
  return h("div", { class: "tooltip-row" }, swatch, h("span", null, name(label)), h("b", null, value == null ? "–" : format(value)));
}
