import type { LabeledRun } from "../contract/reportData";
import type { Finding } from "../contract/runFile";
import { number } from "../numbers/format";
import { h, name } from "../page/dom";
import { icon } from "../page/icons";

/** What a reader should know before trusting or comparing the figures, each with what to do about it. */
export function findings(runs: LabeledRun[]): HTMLElement | null {
  const found = runs.flatMap(({ label, run }) => (run.warnings ?? []).map((finding) => ({ label, finding })));
  const doubts = comparability(runs);
  if (found.length + doubts.length === 0) return null;
  return h(
    "section",
    { class: "findings", "aria-labelledby": "findings-title" },
    h("h2", { id: "findings-title" }, "Findings"),
    h("ul", null, doubts.map((text) => h("li", { class: "finding card info" }, icon("info", "Note"), h("div", null, h("p", null, text)))), found.map(({ label, finding }) => findingItem(finding, runs.length > 1 ? label : null))),
  );
}

/** One finding, as every section shows it. */
export function findingItem(finding: Finding, label: string | null): HTMLElement {
  const severity = finding.severity === "critical" ? "critical" : finding.severity === "info" ? "info" : "warning";
  return h(
    "li",
    { class: `finding card ${severity}` },
    icon(severity === "info" ? "info" : severity === "critical" ? "fail" : "warning", severity),
    h(
      "div",
      null,
      h("p", null, h("strong", null, name(finding.message ?? finding.summary ?? finding.code)), label === null ? null : h("span", { class: "muted" }, " ", name(label))),
      finding.evidence?.length ? h("ul", { class: "evidence muted" }, finding.evidence.map((fact) => h("li", null, name(fact)))) : null,
      finding.impact ? h("p", { class: "muted" }, `Impact: ${number(finding.impact.value)} ${finding.impact.unit} (${finding.impact.basis})`) : null,
      h("p", null, h("b", null, "What to do: "), name(finding.remedy)),
      h("p", { class: "muted code" }, h("code", null, finding.code), finding.docs ? [" · ", name(finding.docs)] : null),
    ),
  );
}

/** Differences between the runs other than the one that is being measured. */
function comparability(runs: LabeledRun[]): string[] {
  const differ = (of: (run: LabeledRun) => unknown): boolean => new Set(runs.map(of).map((value) => JSON.stringify(value ?? null))).size > 1;
  const doubts: string[] = [];
  if (differ(({ run }) => run.plan.digest)) doubts.push("The runs did not follow the same plan: part of the difference may come from the load, not from the target.");
  if (differ(({ run: { environment: e } }) => [e.processor, e.processorCount, e.operatingSystem, e.architecture])) doubts.push("The runs come from different machines: part of the difference may come from the machine.");
  return doubts;
}
