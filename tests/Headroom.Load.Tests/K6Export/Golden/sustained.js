// @ts-check
/**
 * 'sustained load', made by `headroom export k6` from samples/plans/criteria/sustained.yaml. Run it: k6 run sustained.js;
 * read its summary: headroom import k6-summary sustained.summary.json.
 *
 * k6 does this in another way than headroom:
 * - scenario 'steady': its warm-up is a scenario of its own, 'steady_warmup', which k6's totals count; the thresholds
 *   leave it out
 * - scenario 'steady': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 * - target 'rss-growth<10MB/h': is left out: k6 does not measure it
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import exec from 'k6/execution';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = {};

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'sustained load',
  selector: 'part:load,',
  requests: ['chats', 'messages', 'overview', 'users'],
  tags: [],
  phases: [
    { name: 'steady', executor: 'constant-arrival-rate', connections: 50, ratePerSecond: 50, startSeconds: 900, durationSeconds: 3600 },
  ],
  checks: [
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    steady_warmup: { executor: 'constant-arrival-rate', rate: 50, timeUnit: '1s', duration: '900s', preAllocatedVUs: 50, maxVUs: 50, gracefulStop: '0s', exec: 'steady', tags: { part: 'warmup' } },
    steady: { executor: 'constant-arrival-rate', rate: 50, timeUnit: '1s', duration: '3600s', preAllocatedVUs: 50, maxVUs: 50, gracefulStop: '30s', startTime: '900s', exec: 'steady', tags: { part: 'load' } },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_failed{part:load}': ['rate<0.001'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
};

/** Scenario steady. @param {Values} [data] What setup found. */
export function steady(data) {
  const vars = { ...VARS, ...data };
  choose(0.24866858415709278, [
    [4, (vars) => chats(vars, {})],
    [4, (vars) => messages(vars, {})],
    [1, (vars) => overview2(vars, {})],
    [1, (vars) => users(vars, {})],
  ])(vars);
}

/** chats @param {Values} vars @param {Rows} rows */
function chats(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/chats`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'chats' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** messages @param {Values} vars @param {Rows} rows */
function messages(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/chats/${randomInt(1, 400)}/messages`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'messages' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** overview @param {Values} vars @param {Rows} rows */
function overview2(vars, rows) {
  http.request('GET', `${BASE_URL}/api/iris/overview`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'overview' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** users @param {Values} vars @param {Rows} rows */
function users(vars, rows) {
  http.request('GET', `${BASE_URL}/api/users?limit=50`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'users' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** A whole number, both ends included. @param {number} min @param {number} max */
function randomInt(min, max) {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/**
 * The next of several by weight: an evenly spread sequence (multiples of the golden ratio), so that every short stretch already has the proportions.
 * @param {number} start
 * @param {[number, (vars: Values) => unknown][]} ways
 */
function choose(start, ways) {
  const total = ways.reduce((sum, [weight]) => sum + weight, 0);
  const point = ((start + (exec.scenario.iterationInTest + 1) * 0.6180339887498949) % 1) * total;
  let sum = 0;
  for (const [weight, way] of ways) {
    sum += weight;
    if (point < sum) return way;
  }
  return ways[ways.length - 1][1];
}

/** k6 keeps a part of a metric for its summary where a threshold asks for it; these always hold. */
function partsOfSummary() {
  /** @type {{ [metric: string]: string[] }} */
  const thresholds = {};
  const parts = [...PARTS.requests.map((name) => `name:${name}`), ...PARTS.tags, ...PARTS.phases.map(({ name }) => `scenario:${name}`)];
  for (const part of [...parts.map((part) => PARTS.selector + part), ...(PARTS.selector ? [PARTS.selector.slice(0, -1)] : [])]) {
    thresholds[`http_req_duration{${part}}`] = ['max>=0'];
    thresholds[`http_req_failed{${part}}`] = ['rate>=0'];
    thresholds[`http_reqs{${part}}`] = ['count>=0'];
  }
  if (PARTS.selector) {
    for (const metric of ['data_received', 'data_sent', 'iterations']) thresholds[`${metric}{${PARTS.selector.slice(0, -1)}}`] = ['count>=0'];
    thresholds[`iteration_duration{${PARTS.selector.slice(0, -1)}}`] = ['max>=0'];
    for (const { name } of PARTS.phases) thresholds[`dropped_iterations{scenario:${name}}`] = ['count>=0'];
  }
  for (const { request, name } of PARTS.checks) thresholds[`checks{${PARTS.selector}name:${request},check:${name}}`] = ['rate>=0'];
  return thresholds;
}

/** SUMMARY names the file; SUMMARY=- writes it to standard output. @param {any} data */
export function handleSummary(data) {
  // What setup found may be a token, and a summary is passed on.
  delete data.setup_data;
  const file = __ENV.SUMMARY || 'sustained.summary.json';
  const text = JSON.stringify({ ...data, headroom: { ...PARTS, target: BASE_URL, endedAt: new Date().toISOString() } }, null, 2);
  return file === '-' ? { stdout: text + '\n' } : { stdout: overview(data), [file]: text };
}

/** A line a request, and the thresholds that were missed. @param {any} data */
function overview(data) {
  const lines = [];
  for (const name of PARTS.requests) {
    const part = `{${PARTS.selector}name:${name}}`;
    const time = (data.metrics[`http_req_duration${part}`] || { values: {} }).values;
    const count = (data.metrics[`http_reqs${part}`] || { values: { count: 0 } }).values.count;
    lines.push(count > 0 ? `${name}: ${count} requests, p95 ${time['p(95)'].toFixed(2)} ms, p99 ${time['p(99)'].toFixed(2)} ms` : `${name}: no request`);
  }
  for (const [metric, { thresholds }] of Object.entries(data.metrics)) {
    for (const [condition, { ok }] of Object.entries(thresholds || {})) {
      if (!ok) lines.push(`missed: ${metric}: ${condition}`);
    }
  }
  return lines.join('\n') + '\n';
}
