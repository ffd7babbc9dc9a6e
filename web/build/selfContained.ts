import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

export interface SelfContainedOptions {
  /** The page that takes everything in. */
  html: string;
  /** Where the page may send requests, as `connect-src` has it; nowhere without it. */
  connect?: string;
  /** Licence files under node_modules whose text must travel with the code that is inlined. */
  licences: string[];
}

/**
 * Moves the bundle's one script and one style sheet into the page, and forbids the page everything else by a content
 * security policy that names both by hash: a script that came in through a request name could not run even if it got past
 * the escaping, and no request can leave the page.
 */
export function selfContained(options: SelfContainedOptions): Plugin {
  return {
    name: "headroom:self-contained",
    apply: "build",
    enforce: "post",
    generateBundle(_, bundle) {
      const page = bundle[options.html];
      if (page?.type !== "asset") throw new Error(`${options.html} is not in the bundle`);

      let script = "";
      let style = "";
      for (const [name, output] of Object.entries(bundle)) {
        if (name === options.html) continue;
        if (output.type === "chunk") script += output.code;
        else if (name.endsWith(".css")) style += text(output.source);
        else throw new Error(`${name} would stand beside the page, which must be one file`);
        delete bundle[name];
      }

      // Inside <script> and <style> only the closing tag (and "<!--" in a script) means anything to the HTML parser.
      script = script.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
      if (style.includes("</style")) throw new Error("the style sheet closes its own element");

      const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; font-src data:; img-src data:;${options.connect === undefined ? "" : ` connect-src ${options.connect};`} base-uri 'none'; form-action 'none'`;
      const html = text(page.source)
        .replace(/\s*<script type="module"[^>]*><\/script>/g, "")
        .replace(/\s*<link rel="stylesheet"[^>]*>/g, "")
        .replace("</title>", () => `</title>\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />\n    <style>${style}</style>`)
        .replace("</body>", () => `  <script type="module">${script}</script>\n  </body>`)
        .replace("</html>", () => `</html>\n${licenceComment(options.licences)}`);
      if (/(?:src|href)="(?!data:|#)/.test(html)) throw new Error("the page still refers to another file");
      page.source = html;
    },
  };
}

function licenceComment(files: string[]): string {
  const texts = files.map((file) => `${file}\n\n${readFileSync(resolve("node_modules", file), "utf8").trim()}`);
  return `<!--\nThis page contains, under their own licences:\n\n${texts.join("\n\n").replaceAll("--", "- -")}\n-->\n`;
}

const text = (source: string | Uint8Array): string => (typeof source === "string" ? source : Buffer.from(source).toString("utf8"));

const hash = (content: string): string => `'sha256-${createHash("sha256").update(content, "utf8").digest("base64")}'`;
