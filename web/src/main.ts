import "uplot/dist/uPlot.min.css";
import "./styles/tokens.css";
import "./styles/page.css";
import "./styles/summary.css";
import "./styles/tables.css";
import "./styles/tracks.css";
import "./styles/charts.css";
import "./styles/changes.css";
import "./styles/capacity.css";
import "./styles/print.css";
import { readReportData, type LabeledRun, type ReportData } from "./contract/reportData";
import { h } from "./page/dom";
import { capacity } from "./sections/capacity";
import { comparison } from "./sections/comparison";
import { distribution, overTime } from "./sections/charts";
import { endpoints } from "./sections/endpoints";
import { findings } from "./sections/findings";
import { flows } from "./sections/flows";
import { gains } from "./sections/gains";
import { masthead } from "./sections/masthead";
import { outcomes, phases } from "./sections/outcomes";
import { spread } from "./sections/spread";
import { tested } from "./sections/tested";
import { tiles } from "./sections/tiles";
import { trend } from "./sections/trend";
import { usage } from "./sections/usage";
import { worth } from "./sections/worth";
import { verdict } from "./sections/verdict";

/** The page from top to bottom: the answer, the figures, the gain, then everything that they rest on. */
function page({ runs, ...data }: ReportData): HTMLElement[] {
  const first = runs[0] as LabeledRun;
  const last = runs.at(-1) as LabeledRun;
  const sections = [
    data.capacity ? [...capacity(data.capacity, first), h("h2", { class: "latest" }, data.capacity.shown), verdict(runs)] : data.comparison ? comparison(data.comparison) : data.ablation ? worth(data.ablation) : data.trend ? [...trend(data.trend), h("h2", { class: "latest" }, "The latest run"), verdict(runs)] : verdict(runs),
    tiles(runs),
    runs.length > 1 ? gains(first, last) : spread(first),
    findings(runs),
    flows(runs),
    distribution(runs),
    overTime(runs),
    endpoints(runs),
    phases(runs),
    outcomes(runs),
    usage(runs),
    tested(runs),
  ].flat();
  return [masthead({ runs, ...data }), h("main", null, sections), footer(runs)];
}

function footer(runs: LabeledRun[]): HTMLElement {
  const digests = [...new Set(runs.flatMap(({ run }) => run.plan.digest ?? []))];
  return h(
    "footer",
    { class: "muted" },
    h("p", null, "Latency counts from when a request was due, so that a stalled server cannot hide its queue; service time counts from when it was sent. Percentiles come from HdrHistograms with three significant digits. Bytes are decimal (1 MB = 1,000,000 B)."),
    h("p", null, `${runs[0]?.run.schema ?? ""}${digests.length > 0 ? ` · plan ${digests.map((digest) => digest.slice(0, 12)).join(", ")}` : ""}`),
  );
}

async function start(): Promise<void> {
  const app = document.getElementById("app") as HTMLElement;
  try {
    const data = readReportData(document.getElementById("report-data")?.textContent ?? "null");
    if (data === null) {
      app.replaceChildren(h("p", { class: "notice" }, "This is the empty report page. `headroom bench --html FILE` fills it with a run."));
      return;
    }
    document.title = data.title;
    // Charts measure their labels; they must measure the face that is drawn.
    await document.fonts.load('12px "Inter Variable"');
    app.replaceChildren(...page(data));
  } catch (error) {
    app.replaceChildren(h("p", { class: "notice", role: "alert" }, `The report's data cannot be shown: ${error instanceof Error ? error.message : String(error)}`));
  }
  document.documentElement.dataset["ready"] = "true";
}

void start();
