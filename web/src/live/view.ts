import { bytes, count, milliseconds, number, percent, perSecond, shortened, Unknown } from "../numbers/format";
import { h, name } from "../page/dom";
import { liveChart } from "./liveChart";
import { blockRate, hitRate, type LiveSample } from "./sample";

/** What shows samples. */
export interface View {
  elements: HTMLElement[];
  show(samples: readonly LiveSample[]): void;
}

type Figure = [label: string, key: string, of: (sample: LiveSample) => string, tone?: (sample: LiveSample) => string];

const known = (value: number | null, format: (value: number) => string): string => (value === null ? Unknown : format(value));
const badWhen = (is: boolean): string => (is ? "bad" : "");

const tileFigures: Figure[] = [
  ["Requests", "rate", ({ requests }) => perSecond(requests.perSecond)],
  ["p50", "p50", ({ requests }) => known(requests.p50Ms, milliseconds)],
  ["p95", "p95", ({ requests }) => known(requests.p95Ms, milliseconds)],
  ["p99", "p99", ({ requests }) => known(requests.p99Ms, milliseconds)],
  ["Errors (5xx)", "errors", ({ requests }) => known(requests.errorRate, percent), ({ requests }) => badWhen((requests.errorRate ?? 0) > 0)],
  ["Cache hits", "hits", (sample) => known(hitRate(sample), percent)],
  ["Refused by limits", "blocked", (sample) => known(blockRate(sample), percent)],
  ["In progress", "active", ({ requests }) => known(requests.active, count)],
];

const runtimeFigures: Figure[] = [
  ["CPU, cores busy", "cpu", ({ runtime }) => known(runtime.cpuCores, number)],
  ["Memory (working set)", "memory", ({ runtime }) => known(runtime.memoryBytes, bytes)],
  ["Managed heap", "heap", ({ runtime }) => known(runtime.heapBytes, bytes)],
  ["Allocated", "allocated", ({ runtime }) => known(runtime.allocatedPerSecond, (value) => `${bytes(value)}/s`)],
  ["Paused by GC", "gc-pause", ({ runtime }) => known(runtime.gcPauseShare, percent)],
  ["Collections, gen 0 / 1 / 2", "collections", ({ runtime }) => runtime.collections.map(count).join(" / ")],
  ["Thread pool, threads", "threads", ({ runtime }) => known(runtime.poolThreads, count)],
  ["Thread pool, waiting", "queue", ({ runtime }) => known(runtime.poolQueue, count), ({ runtime }) => badWhen((runtime.poolQueue ?? 0) > 100)],
  ["Database operations", "database", ({ database }) => perSecond(database.perSecond)],
  ["Database p95", "database-p95", ({ database }) => known(database.p95Ms, milliseconds)],
  ["Database connections in use", "pool", ({ database }) => (database.poolUsed === null ? Unknown : `${count(database.poolUsed)}${database.poolMax === null ? "" : ` of ${count(database.poolMax)}`}`)],
];

function facts(figures: Figure[], className: string): View {
  const values = figures.map(([, key]) => h("dd", { "data-figure": key }, Unknown));
  const list = h("dl", { class: className }, figures.map(([label], i) => h("div", { class: "fact" }, h("dt", { class: "muted" }, label), values[i] as HTMLElement)));
  return {
    elements: [list],
    show(samples) {
      const newest = samples.at(-1);
      if (newest === undefined) return;
      figures.forEach(([, , of, tone], i) => {
        const value = values[i] as HTMLElement;
        value.textContent = of(newest);
        value.className = tone?.(newest) ?? "";
      });
    },
  };
}

function charts(): View {
  const all = [
    liveChart("Requests per second", "Requests answered in each of the last seconds.", [{ label: "requests", colour: "--run-after", of: ({ requests }) => requests.perSecond }], number),
    liveChart(
      "Latency",
      "Median, 95th and 99th percentile of the latency in each of the last seconds.",
      [
        { label: "p50", colour: "--run-after", of: ({ requests }) => requests.p50Ms },
        { label: "p95", colour: "--run-3", dash: [8, 3], of: ({ requests }) => requests.p95Ms },
        { label: "p99", colour: "--run-before", dash: [3, 3], of: ({ requests }) => requests.p99Ms },
      ],
      milliseconds,
    ),
    liveChart("Errors", "Share of requests answered with 500 or more.", [{ label: "errors", colour: "--bad", of: ({ requests }) => requests.errorRate }], percent),
    liveChart(
      "Cache hits and refusals",
      "Share of look-ups that caches answered, and of requests that limits refused.",
      [
        { label: "cache hits", colour: "--run-after", of: hitRate },
        { label: "refused", colour: "--run-before", dash: [3, 3], of: blockRate },
      ],
      percent,
    ),
    liveChart("CPU, cores busy", "Processors that the process kept busy.", [{ label: "cores", colour: "--run-after", of: ({ runtime }) => runtime.cpuCores }], number),
    liveChart(
      "Memory",
      "Working set and managed heap.",
      [
        { label: "working set", colour: "--run-after", of: ({ runtime }) => runtime.memoryBytes },
        { label: "managed heap", colour: "--run-3", dash: [8, 3], of: ({ runtime }) => runtime.heapBytes },
      ],
      bytes,
    ),
  ];
  return { elements: [h("div", { class: "chart-grid" }, all.map((chart) => chart.element))], show: (samples) => all.forEach((chart) => chart.show(samples)) };
}

function table<T>(caption: string, id: string, empty: string, headings: string[], rowsOf: (sample: LiveSample) => T[], cells: (row: T) => (string | HTMLElement)[]): View {
  const body = h("tbody");
  const note = h("p", { class: "empty" }, empty);
  const heads = headings.map((heading, i) => h("th", { scope: "col", class: i === 0 ? "" : "figure" }, heading));

  // Wider than a small screen, so it scrolls by itself, and by the keyboard too.
  const scroll = h("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": caption }, h("table", { id }, h("thead", null, h("tr", null, heads)), body));
  scroll.hidden = true;
  return {
    elements: [h("section", { class: "card" }, h("h2", null, caption), note, scroll)],
    show(samples) {
      const newest = samples.at(-1);
      const rows = newest === undefined ? [] : rowsOf(newest);
      note.hidden = rows.length > 0;
      scroll.hidden = rows.length === 0;
      body.replaceChildren(...rows.map((row) => h("tr", null, cells(row).map((cell, i) => (i === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: "figure" }, cell))))));
    },
  };
}

/** Everything, from the top: the figures of the last second, how they went, and what they are made of. */
export function view(): View {
  const tiles = facts(tileFigures, "live-tiles");
  const drawn = charts();
  const endpoints = table("Busiest endpoints", "endpoints", "No request in this second.", ["Endpoint", "Requests", "Mean", "p95", "Errors"], (sample) => sample.endpoints, (row) => [
    name(`${row.method} ${row.route}`),
    perSecond(row.perSecond),
    milliseconds(row.meanMs),
    known(row.p95AtMostMs, (value) => `≤ ${shortened(milliseconds(value))}`),
    percent(row.errorRate),
  ]);
  const caches = table("Caches", "caches", "No cache was asked yet.", ["Cache", "Look-ups", "Hits"], (sample) => sample.caches, (row) => [name(row.name), perSecond(row.perSecond), known(row.hitRate, percent)]);
  const limits = table("Rate limits", "limits", "No limit was asked yet.", ["Policy", "Allowed", "Blocked"], (sample) => sample.limits, (row) => [
    name(row.policy),
    perSecond(row.allowedPerSecond),
    perSecond(row.blockedPerSecond),
  ]);
  const runtime = facts(runtimeFigures, "live-facts");
  const parts = [tiles, drawn, endpoints, caches, limits, runtime];
  return {
    elements: [
      h("section", { "aria-label": "The last second" }, tiles.elements),
      h("section", { "aria-label": "The last five minutes" }, drawn.elements),
      ...endpoints.elements,
      h("div", { class: "live-pair" }, caches.elements, limits.elements),
      h("section", { class: "card" }, h("h2", null, "Runtime and database"), runtime.elements),
    ],
    show: (samples) => parts.forEach((part) => part.show(samples)),
  };
}
