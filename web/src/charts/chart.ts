import uPlot from "uplot";
import { shortened } from "../numbers/format";
import { h, name } from "../page/dom";
import { ThemeChanged } from "../page/theme";
import { colour } from "./palette";
import { tooltip } from "./tooltip";

export interface ChartLine {
  label: string;
  /** The custom property that holds its colour. */
  colour: string;
  values: (number | null)[];
  dash?: number[];
  width?: number;
  /** Fills the area below, faintly. */
  filled?: boolean;
}

/** A stretch of the x axis with a name, drawn behind the lines. */
export interface Band {
  label: string;
  from: number;
  to: number;
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
        points: { show: true, size: 5, filter: isolated },
        ...(line.filled ? { fill: () => fade(colour(line.colour)) } : {}),
      })),
    ],
    plugins: [tooltip(options), ...(options.bands?.length ? [bands(options.bands)] : [])],
  };
}

/** Seconds without a neighbour, where a line would show nothing: a run of one second, or a second between two silent ones. */
function isolated(plot: uPlot, seriesIndex: number): number[] {
  const values = plot.data[seriesIndex] ?? [];
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) found.push(i);
  }
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

function bands(list: Band[]): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot: uPlot): void => {
        const { ctx, bbox } = plot;
        ctx.save();
        ctx.beginPath();
        ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height);
        ctx.clip();
        ctx.font = `${Math.round(11 * devicePixelRatio)}px "Inter Variable", system-ui, sans-serif`;
        ctx.textBaseline = "top";
        list.forEach((band, i) => {
          const left = Math.max(bbox.left, plot.valToPos(band.from, "x", true));
          const right = Math.min(bbox.left + bbox.width, plot.valToPos(band.to, "x", true));
          if (right <= left) return;
          if (i % 2 === 1) {
            ctx.fillStyle = colour("--band");
            ctx.fillRect(left, bbox.top, right - left, bbox.height);
          }
          if (ctx.measureText(band.label).width + 8 * devicePixelRatio > right - left) return;
          ctx.fillStyle = colour("--muted");
          ctx.fillText(band.label, left + 4 * devicePixelRatio, 0);
        });
        ctx.restore();
      },
    },
  };
}
