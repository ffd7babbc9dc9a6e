import uPlot from "uplot";
import { shortened } from "../numbers/format";
import { h, name } from "../page/dom";
import { ThemeChanged } from "../page/theme";
import { bands, type Band } from "./bands";
import { colour } from "./palette";
import { tooltip } from "./tooltip";

export interface ChartLine {
  label: string;
  /** The custom property that holds its colour. */
  colour: string;
  /** `null` breaks the line, `undefined` does not. */
  values: (number | null | undefined)[];
  dash?: number[];
  width?: number;
  /** Fills the area below, faintly. */
  filled?: boolean;
}

export interface ChartOptions {
  title: string;
  /** What the chart shows, in words, for those who do not see it. */
  description: string;
  x: number[];
  lines: ChartLine[];
  formatX: (value: number) => string;
  formatY: (value: number) => string;
  xScale: uPlot.Scale;
  yScale: uPlot.Scale;
  xAxis?: Pick<uPlot.Axis, "splits" | "incrs" | "space">;
  yAxis?: Pick<uPlot.Axis, "splits" | "incrs" | "space">;
  bands?: Band[];
  height?: number;
  /** Charts with the same key share the cursor. */
  syncKey?: string;
}

const Font = '12px "Inter Variable", system-ui, sans-serif';

/** A line chart with its title and legend as text. It is drawn when it gets a width, and again when the width or the colours change. */
export function chart(options: ChartOptions): HTMLElement {
  const plotArea = h("div", { class: "plot", role: "img", "aria-label": options.description });
  const figure = h("figure", { class: "chart card" }, h("figcaption", null, h("h3", null, options.title), legend(options.lines)), plotArea);

  let plot: uPlot | undefined;
  new ResizeObserver(() => {
    const width = Math.floor(plotArea.clientWidth);
    if (width === 0) return;
    const size = { width, height: options.height ?? 240 };
    if (plot) plot.setSize(size);
    else plot = new uPlot({ ...size, ...plotOptions(options) }, [options.x, ...options.lines.map((line) => line.values)], plotArea);
  }).observe(plotArea);
  document.addEventListener(ThemeChanged, () => plot?.redraw(false, true));
  return figure;
}

function legend(lines: ChartLine[]): HTMLElement | null {
  if (lines.length < 2) return null;
  const entries = lines.map((line) => {
    const swatch = h("span", { class: line.dash?.length ? "swatch dashed" : "swatch", "aria-hidden": "true" });
    swatch.style.setProperty("--swatch", `var(${line.colour})`);
    return h("li", null, swatch, name(line.label));
  });
  return h("ul", { class: "legend" }, entries);
}

function plotOptions(options: ChartOptions): Omit<uPlot.Options, "width" | "height"> {
  const grid: uPlot.Axis.Grid = { stroke: () => colour("--grid"), width: 1 };
  const axis: uPlot.Axis = { stroke: () => colour("--muted"), font: Font, grid, ticks: { show: false }, border: { show: false }, filter: everySplit };
  return {
    legend: { show: false },
    padding: [14, 10, 0, 0],
    cursor: {
      points: { size: 7 },
      drag: { x: true, y: false },
      ...(options.syncKey === undefined ? {} : { sync: { key: options.syncKey, setSeries: false } }),
    },
    scales: { x: { time: false, ...options.xScale }, y: options.yScale },
    axes: [
      { ...axis, size: 28, gap: 6, values: (_, splits) => splits.map(options.formatX), ...options.xAxis },
      { ...axis, gap: 6, size: (plot, values) => widthOf(plot, values), values: (_, splits) => splits.map((value) => shortened(options.formatY(value))), ...options.yAxis },
    ],
    series: [
      {},
      ...options.lines.map((line) => ({
        label: line.label,
        stroke: () => colour(line.colour),
        width: line.width ?? 2,
        dash: line.dash ?? [],
        points: { show: true, size: 7, filter: isolated, fill: () => colour(line.colour) },
        ...(line.filled ? { fill: () => fade(colour(line.colour)) } : {}),
      })),
    ],
    plugins: [tooltip(options), ...(options.bands?.length ? [bands(options.bands)] : [])],
  };
}

/** Seconds without a neighbour, where a line would show nothing: a run of one second, or a second between two silent ones. */
function isolated(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? [];
  const valueAt = (i: number | undefined): number | null => (i === undefined ? null : (values[i] ?? null));
  const found: number[] = [];
  // Of those that have a point at all: what only other lines have is skipped.
  const own = Array.from(values.keys()).filter((i) => values[i] !== undefined);
  own.forEach((i, at) => {
    if (values[i] !== null && valueAt(own[at - 1]) === null && valueAt(own[at + 1]) === null) found.push(i);
  });
  return found;
}

/** Logarithmic scales come with a filter for whole decades, but the marks here are chosen already. */
const everySplit = (_: uPlot, splits: number[]): number[] => splits;

function widthOf(plot: uPlot, values: string[] | null): number {
  if (!values?.length) return 40;
  plot.ctx.save();
  plot.ctx.font = Font;
  const widest = Math.max(...values.map((value) => plot.ctx.measureText(value).width));
  plot.ctx.restore();
  return Math.ceil(widest) + 14;
}

/** A resolved colour (`rgb(r, g, b)`) at a twelfth of its strength. */
const fade = (rgb: string): string => rgb.replace(/^rgb\(([^)]*)\)$/, "rgba($1, 0.09)");
