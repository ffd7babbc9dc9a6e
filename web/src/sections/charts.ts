import { percentileCurve, type Distribution } from "../charts/percentileCurve";
import { runStyles, type RunStyle } from "../charts/palette";
import { hasErrors, timelines } from "../charts/timeline";
import type { LabeledRun } from "../contract/reportData";
import { dropDown } from "../page/choice";
import { h } from "../page/dom";
import { endpointNames, summaryOf } from "./gains";

const AllRequests = "";

/** The whole distribution, of all requests or of one endpoint. */
export function distribution(runs: LabeledRun[]): HTMLElement | null {
  if (!runs.some(({ run }) => run.summary.requests > 0 && run.summary.latencyHistogram)) return null;
  const styles = runStyles(runs.length);
  const holder = h("div", { class: "chart-holder" });
  let asked = 0;
  const show = async (endpoint: string): Promise<void> => {
    const turn = ++asked;
    const shown = await percentileCurve("Latency by percentile", distributionsOf(runs, styles, endpoint));
    // Decoding is asynchronous: only the answer to the last question counts.
    if (turn === asked) holder.replaceChildren(shown);
  };
  void show(AllRequests);
  const names = endpointNames(...runs);
  const picker = names.length > 1 ? dropDown("Requests", [{ key: AllRequests, label: "All requests" }, ...names.map((endpoint) => ({ key: endpoint, label: endpoint }))], (key) => void show(key)) : null;
  return h("section", { "aria-labelledby": "distribution-title" }, h("div", { class: "section-head" }, h("h2", { id: "distribution-title" }, "Latency distribution"), picker), holder);
}

function distributionsOf(runs: LabeledRun[], styles: RunStyle[], endpoint: string): Distribution[] {
  const list = runs.flatMap((run, i): Distribution[] => {
    const summary = endpoint === AllRequests ? run.run.summary : summaryOf(run, endpoint);
    const style = styles[i];
    if (!summary?.latencyHistogram || !style) return [];
    return [{ label: runs.length === 1 ? "Latency, from when the request was due" : run.label, encoded: summary.latencyHistogram, colour: style.property, dash: style.dash }];
  });
  const service = runs.length === 1 && endpoint === AllRequests ? runs[0]?.run.summary.serviceTimeHistogram : null;
  return service ? [...list, { label: "Service time, from when it was sent", encoded: service, colour: "--muted", dash: [4, 4] }] : list;
}

export function overTime(runs: LabeledRun[]): HTMLElement | null {
  if (!runs.some(({ run }) => (run.series ?? []).length > 0)) return null;
  const note = hasErrors(runs) ? null : h("p", { class: "muted" }, "No errors in any second.");
  return h("section", { "aria-labelledby": "time-title" }, h("div", { class: "section-head" }, h("h2", { id: "time-title" }, "Over time"), note), h("div", { class: "chart-grid" }, timelines(runs, runStyles(runs.length))));
}
