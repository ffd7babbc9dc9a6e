import type { LabeledRun } from "../contract/reportData";
import type { RunFile } from "../contract/runFile";
import { Unknown } from "../numbers/format";
import { h, name } from "./dom";

/** A line of facts: its label and what each run says; null where a run does not know. */
export type Fact = [label: string, of: (run: RunFile) => string | null | undefined];

/** Facts of every run side by side; what is the same in all of them is said once, and what none knows is left out. */
export function factsTable(caption: string, runs: LabeledRun[], facts: Fact[]): HTMLElement | null {
  const rows = facts.map(([label, of]) => ({ label, values: runs.map(({ run }) => of(run) ?? Unknown) })).filter(({ values }) => values.some((value) => value !== Unknown));
  if (rows.length === 0) return null;
  const head = runs.length > 1 ? h("thead", null, h("tr", null, h("td", null), runs.map((run) => h("th", { scope: "col" }, name(run.label))))) : null;
  const body = rows.map(({ label, values }) => {
    const same = values.every((value) => value === values[0]);
    const cells = same ? [h("td", { colspan: values.length, class: "same" }, name(values[0] ?? Unknown))] : values.map((value) => h("td", null, name(value)));
    return h("tr", null, h("th", { scope: "row" }, label), cells);
  });
  return h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, h("table", { class: "facts" }, h("caption", null, caption), head, h("tbody", null, body)));
}
