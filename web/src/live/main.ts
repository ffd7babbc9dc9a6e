import "uplot/dist/uPlot.min.css";
import "../styles/tokens.css";
import "../styles/page.css";
import "../styles/tables.css";
import "../styles/charts.css";
import "../styles/live.css";
import { h } from "../page/dom";
import { themeToggle } from "../page/theme";
import { History, type LiveSample } from "./sample";
import { view } from "./view";

/** Also beside the page when a trailing slash or a path in front is in its address. */
const eventsAddress = `${location.pathname.replace(/\/+$/, "")}/events`;

function start(): void {
  const app = document.getElementById("app") as HTMLElement;
  const history = new History();
  const page = view();
  // Told to those who do not see it when it changes; the figures are not, they change each second.
  const status = h("p", { class: "live-status muted", role: "status" }, "Connecting…");
  let paused = false;
  const pause = h("button", { type: "button", class: "theme-toggle", "aria-pressed": "false", click: () => setPaused(!paused) }, "Pause");

  const tell = (state: string, text: string): void => {
    document.documentElement.dataset["state"] = state;
    if (status.textContent !== text) status.textContent = text;
  };
  const draw = (): void => {
    if (!paused) page.show(history.samples);
  };
  const setPaused = (next: boolean): void => {
    paused = next;
    pause.setAttribute("aria-pressed", String(paused));
    tell(paused ? "paused" : "live", paused ? "Paused. What happens meanwhile is kept." : "Live, each second.");
    draw();
  };

  app.replaceChildren(
    h("header", { class: "live-head" }, h("div", null, h("h1", null, "Headroom live"), h("p", { class: "muted" }, location.host)), h("div", { class: "live-controls" }, status, pause, themeToggle())),
    h("main", null, page.elements),
    h("footer", { class: "muted" }, h("p", null, "Latencies are of the requests that were answered in the second, from the server's own clock: what waited in front of it is not in them. Bytes are decimal (1 MB = 1,000,000 B).")),
  );

  const source = new EventSource(eventsAddress);
  source.addEventListener("message", (event: MessageEvent<string>) => {
    if (!history.add(JSON.parse(event.data) as LiveSample)) return;
    if (!paused) tell("live", "Live, each second.");
    draw();
    document.documentElement.dataset["ready"] = "true";
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) tell("closed", "No events: the server refuses them, or too many people look. Reload to try again.");
    else tell("lost", "The connection is lost; it is being made again.");
  });
}

start();
