import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const Slot = /(<script type="application\/json" id="report-data">)([^<]*)(?=<\/script>)/;

/** While the page is worked on: shows the runs of a report that was written before. */
export function dataOfReport(path: string | undefined): Plugin {
  return {
    name: "headroom:data-of-report",
    apply: "serve",
    transformIndexHtml(html) {
      if (!path) return html;
      const data = Slot.exec(readFileSync(path, "utf8"))?.[2];
      if (data === undefined) throw new Error(`${path} is no report of Headroom: it has no data slot`);
      return html.replace(Slot, (_, start: string) => start + data);
    },
  };
}
