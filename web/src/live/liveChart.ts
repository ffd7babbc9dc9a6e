import uPlot from "uplot";
import { colour } from "../charts/palette";
import { tooltip } from "../charts/tooltip";
import { shortened } from "../numbers/format";
import { h } from "../page/dom";
import { ThemeChanged } from "../page/theme";
import type { LiveSample } from "./sample";

export interface LiveLine {
  label: string;
  colour: string;
  dash?: number[];
  of: (sample: LiveSample) => number | null;
}

export interface LiveChart {
  element: HTMLElement;
  show(samples: readonly LiveSample[]): void;
}

const Font = '12px "Inter Variable", system-ui, sans-serif';
const Height = 200;

/** What it shows in words is its label; the figures themselves stand in the tiles and tables. */
export function liveChart(title: string, description: string, lines: LiveLine[], format: (value: number) => string): LiveChart {
  const area = h("div", { class: "plot", role: "img", "aria-label": description });
  const element = h("figure", { class: "chart card" }, h("figcaption", null, h("h3", null, title), legend(lines)), area);
  let data: uPlot.AlignedData = [[], ...lines.map(() => [])];
  let plot: uPlot | undefined;
  new ResizeObserver(() => {
    const width = Math.floor(area.clientWidth);
    if (width === 0) return;
    if (plot) plot.setSize({ width, height: Height });
    else plot = new uPlot({ width, height: Height, ...options(lines, format) }, data, area);
  }).observe(area);
  document.addEventListener(ThemeChanged, () => plot?.redraw(false, true));
  return {
    element,
    show(samples) {
      data = [samples.map((sample) => sample.at / 1000), ...lines.map((line) => samples.map(line.of))];
      plot?.setData(data);
    },
  };
}

function legend(lines: LiveLine[]): HTMLElement | null {
  if (lines.length < 2) return null;
  const entries = lines.map((line) => {
    const swatch = h("span", { class: line.dash?.length ? "swatch dashed" : "swatch", "aria-hidden": "true" });
    swatch.style.setProperty("--swatch", `var(${line.colour})`);
    return h("li", null, swatch, line.label);
  });
  return h("ul", { class: "legend" }, entries);
}

function options(lines: LiveLine[], format: (value: number) => string): Omit<uPlot.Options, "width" | "height"> {
  const grid: uPlot.Axis.Grid = { stroke: () => colour("--grid"), width: 1 };
  const axis: uPlot.Axis = { stroke: () => colour("--muted"), font: Font, grid, ticks: { show: false }, border: { show: false } };
  const time = (value: number): string => new Date(value * 1000).toLocaleTimeString("en-GB");
  return {
    legend: { show: false },
    padding: [14, 10, 0, 0],
    cursor: { points: { size: 7 }, drag: { x: false, y: false }, sync: { key: "live", setSeries: false } },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, size: 28, gap: 6, space: 80, values: (_, splits) => splits.map(time) },
      { ...axis, gap: 6, size: 72, values: (_, splits) => splits.map((value) => shortened(format(value))) },
    ],
    series: [{}, ...lines.map((line) => ({ label: line.label, stroke: () => colour(line.colour), width: 2, dash: line.dash ?? [], points: { show: false } }))],
    plugins: [tooltip({ lines: lines.map((line) => ({ ...line, values: [] })), formatX: time, formatY: format })],
  };
}
