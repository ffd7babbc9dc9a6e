import { defineConfig } from "vite";
import { dataOfReport } from "./build/dataOfReport.ts";
import { selfContained } from "./build/selfContained.ts";

/** Which page is built: each is a file of its own that contains all it needs. */
const html = process.env["HEADROOM_PAGE"] ?? "report.html";

// The live page asks its own server for events; a report asks nobody for anything.
const connect = html === "live.html" ? "'self'" : undefined;

export default defineConfig({
  // The page is opened from a file, so nothing may depend on where it stands.
  base: "./",
  plugins: [dataOfReport(process.env["HEADROOM_REPORT"]), selfContained({ html, ...(connect === undefined ? {} : { connect }), licences: ["uplot/LICENSE", "@fontsource-variable/inter/LICENSE"] })],
  server: { host: "127.0.0.1" },
  build: {
    target: "es2022",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: { input: html },
  },
});
