// Builds a page of dist/ (report.html, live.html) for MSBuild (WebPage.targets): installs the packages when the lock file has changed, checks the types,
// bundles, and puts the page in place by renaming, so that a build beside this one reads the old page or the new one.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const name = process.argv[3] ?? "report.html";
const page = process.argv[2] ?? join(web, "dist", name);
const lock = join(web, ".build-lock");
const installed = join(web, "node_modules", ".headroom-lock-hash");
const OldestNode = [20, 19];
const InstallAttempts = 3;
const LockStaleAfterMs = 600_000;
const LockPollMs = 200;

/** The form that MSBuild shows as an error of the build. */
function fail(code, message) {
  console.error(`web : error ${code}: ${message}`);
  process.exit(1);
}

function run(program, args, options = {}) {
  return spawnSync(program, args, { cwd: web, encoding: "utf8", ...options });
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < OldestNode[0] || (major === OldestNode[0] && minor < OldestNode[1])) {
    fail("HEADROOM002", `Node.js ${process.versions.node} is too old to build the pages; install ${OldestNode.join(".")} or newer.`);
  }
}

/** One build at a time: two that install or bundle at once would pull the files from under each other. */
async function withLock(action) {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isStale()) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, LockPollMs));
    }
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A build that was killed leaves its lock behind; its process is gone, or another one has its number and the lock is old. */
function isStale() {
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const owner = Number(readFileSync(lock, "utf8"));
    return age > LockStaleAfterMs || (owner > 0 && !isAlive(owner));
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function modified(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function install() {
  const hash = createHash("sha256").update(readFileSync(join(web, "package-lock.json"))).digest("hex");
  if (read(installed) === hash) return;
  let last;
  for (let attempt = 1; attempt <= InstallAttempts; attempt++) {
    last = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { shell: process.platform === "win32" });
    if (last.status === 0) {
      writeFileSync(installed, hash);
      return;
    }
  }
  const reason = last.error ? last.error.message : `${last.stderr}${last.stdout}`.trim();
  fail("HEADROOM003", `"npm ci" in web/ failed ${InstallAttempts} times; it needs npm and a package registry. ${reason.replaceAll(/\s*\n\s*/g, " | ")}`);
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function checkTypes() {
  const result = run(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "--noEmit", "--pretty", "false"]);
  if (result.status === 0) return;
  // tsc writes "src/x.ts(1,2): error TS…", which MSBuild understands as it stands.
  process.stderr.write(result.stdout + result.stderr);
  process.exit(1);
}

async function bundle() {
  process.env["HEADROOM_PAGE"] = name;
  const { build } = await import("vite");
  const temporary = join(web, "dist", `.building-${process.pid}`);
  try {
    await build({ root: web, logLevel: "warn", build: { outDir: temporary, emptyOutDir: true } });
    mkdirSync(dirname(page), { recursive: true });
    renameSync(join(temporary, name), page);
    const now = new Date();
    utimesSync(page, now, now);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

requireNode();
const asked = Date.now();
mkdirSync(join(web, "dist"), { recursive: true });
await withLock(async () => {
  // Another build may have made the page while this one waited for the lock.
  if (modified(page) >= asked) return;
  install();
  checkTypes();
  await bundle();
});
