import { defineConfig } from "vite";
import { dataOfReport } from "./build/dataOfReport.ts";
import { selfContained } from "./build/selfContained.ts";

export default defineConfig({
  // The page is opened from a file, so nothing may depend on where it stands.
  base: "./",
  plugins: [dataOfReport(process.env["HEADROOM_REPORT"]), selfContained({ html: "report.html", licences: ["uplot/LICENSE", "@fontsource-variable/inter/LICENSE"] })],
  server: { host: "127.0.0.1" },
  build: {
    target: "es2022",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: { input: "report.html" },
  },
});
