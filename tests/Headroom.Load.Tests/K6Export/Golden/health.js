// @ts-check
/**
 * 'health', made by `headroom export k6` from samples/plans/criteria/health.yaml. Run it: k6 run health.js; read its
 * summary: headroom import k6-summary health.summary.json.
 *
 * k6 does this in another way than headroom:
 * - scenario 'thousand': its warm-up is a scenario of its own, 'thousand_warmup', which k6's totals count; the thresholds
 *   leave it out
 * - scenario 'thousand': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 * - target 'http_reqs{scenario:thousand}: rate>990': k6 divides by the time of the whole test, with setup, warm-up and
 *   teardown
 * - target 'dropped_iterations: count==0': k6 counts those that the warm-up dropped, too
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { sleep } from 'k6';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = {};

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'health',
  selector: 'part:load,',
  requests: ['health'],
  tags: [],
  phases: [
    { name: 'thousand', executor: 'constant-arrival-rate', connections: 100, ratePerSecond: 1000, startSeconds: 2, durationSeconds: 15 },
    { name: 'cached', executor: 'constant-vus', connections: 1, startSeconds: 18, durationSeconds: 5 },
  ],
  checks: [
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    thousand_warmup: { executor: 'constant-arrival-rate', rate: 1000, timeUnit: '1s', duration: '2s', preAllocatedVUs: 100, maxVUs: 100, gracefulStop: '0s', exec: 'thousand', tags: { part: 'warmup' } },
    thousand: { executor: 'constant-arrival-rate', rate: 1000, timeUnit: '1s', duration: '15s', preAllocatedVUs: 100, maxVUs: 100, gracefulStop: '30s', startTime: '2s', exec: 'thousand', tags: { part: 'load' } },
    cached: { executor: 'constant-vus', vus: 1, duration: '5s', gracefulStop: '30s', startTime: '18s', exec: 'cached', tags: { part: 'load' } },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_duration{part:load,scenario:thousand}': ['p(99)<50'],
    'http_req_duration{part:load,scenario:cached}': ['p(99)<10'],
    'http_reqs{part:load,scenario:thousand}': ['rate>990'],
    'dropped_iterations': ['count==0'],
    'http_req_failed{part:load}': ['rate==0'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
};

/** Scenario thousand. @param {Values} [data] What setup found. */
export function thousand(data) {
  const vars = { ...VARS, ...data };
  health(vars, {});
}

/** Scenario cached. @param {Values} [data] What setup found. */
export function cached(data) {
  const vars = { ...VARS, ...data };
  health(vars, {});
  sleep(0.01);
}

/** health @param {Values} vars @param {Rows} rows */
function health(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/health`, null, {
    tags: { name: 'health' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
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
  const file = __ENV.SUMMARY || 'health.summary.json';
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
