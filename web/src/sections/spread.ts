import type { LabeledRun } from "../contract/reportData";
import { milliseconds } from "../numbers/format";
import { h, name } from "../page/dom";
import { TrackAxis } from "../page/track";

const ShownAtFirst = 20;

/** Of one run: each endpoint's latency from its median to its 99th percentile, the slowest first. */
export function spread({ run }: LabeledRun): HTMLElement | null {
  const rows = Object.entries(run.requestsByName ?? {})
    .filter(([, summary]) => summary.latencyMs.max > 0)
    .sort(([, a], [, b]) => b.latencyMs.p99 - a.latencyMs.p99);
  if (rows.length < 2) return null;

  const axis = new TrackAxis(rows.flatMap(([, { latencyMs }]) => [latencyMs.p50, latencyMs.p99]));
  const elements = rows.map(([endpoint, { latencyMs }]) =>
    h(
      "li",
      { class: "track-row spread", "data-endpoint": endpoint },
      h("span", { class: "track-name" }, name(endpoint)),
      axis.track(latencyMs.p50, latencyMs.p99, "spread"),
      h("span", { class: "track-values" }, `p50 ${milliseconds(latencyMs.p50)}`),
      h("strong", { class: "gain" }, h("small", null, "p99 "), milliseconds(latencyMs.p99)),
    ),
  );
  const list = h("ol", { class: "track-list" }, elements.slice(0, ShownAtFirst));
  const more = elements.length > ShownAtFirst ? h("button", { type: "button", class: "more", click: () => { list.replaceChildren(...elements); more?.remove(); } }, `Show all ${elements.length} endpoints`) : null;
  return h(
    "section",
    { class: "gains card", "aria-labelledby": "spread-title" },
    h("div", { class: "section-head" }, h("h2", { id: "spread-title" }, "Latency per endpoint")),
    h("p", { class: "track-legend spread-legend muted" }, h("span", { class: "track-dot from", "aria-hidden": "true" }), "p50", h("span", { class: "track-dot to", "aria-hidden": "true" }), "p99", h("span", null, "logarithmic scale")),
    axis.scale(milliseconds),
    list,
    more,
  );
}
