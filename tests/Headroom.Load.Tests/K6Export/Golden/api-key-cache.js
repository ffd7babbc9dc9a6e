// @ts-check
/**
 * 'API-key cache', made by `headroom export k6` from samples/plans/criteria/api-key-cache.yaml. Run it: k6 run
 * api-key-cache.js; read its summary: headroom import k6-summary api-key-cache.summary.json.
 *
 * k6 does this in another way than headroom:
 * - metrics: k6 does not read metrics of the target
 * - scenario 'callers': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 * - target 'metric{api-key-hit-rate}>90%': is left out: k6 does not measure it
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { SharedArray } from 'k6/data';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = {};
/** @type {{ [column: string]: string }[]} */
const keysRows = new SharedArray('keys', () => [
  { key: 'ref_MeC52JfFT8v3nlFy_I5n0w1m4sVcF1fi2ZkYevv7gqDv0jwNY20JFFL' },
  { key: 'ref_ApBoSPu16sdwQKPW_nbDKK1BQkoB4loZfri26P9CQxVmiz1Qx02EFjs' },
  { key: 'ref_QeaPFoL9Pq8okvo9_cgV2xZORypAca8Ay8hw9MRm2kxglOFxo19t2A7' },
]);

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'API-key cache',
  selector: '',
  requests: ['chats with a key'],
  tags: [],
  phases: [
    { name: 'callers', executor: 'constant-arrival-rate', connections: 50, ratePerSecond: 100, startSeconds: 0, durationSeconds: 15 },
  ],
  checks: [
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    callers: { executor: 'constant-arrival-rate', rate: 100, timeUnit: '1s', duration: '15s', preAllocatedVUs: 50, maxVUs: 50, gracefulStop: '30s', exec: 'callers' },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_failed': ['rate<0.001'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
};

/** Scenario callers. @param {Values} [data] What setup found. */
export function callers(data) {
  const vars = { ...VARS, ...data };
  chatsWithAKey(vars, { keys: keysRows[Math.floor(Math.random() * keysRows.length)] });
}

/** chats with a key @param {Values} vars @param {Rows} rows */
function chatsWithAKey(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/chats`, null, {
    headers: { 'x-api-key': rows.keys.key },
    tags: { name: 'chats with a key' },
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
  const file = __ENV.SUMMARY || 'api-key-cache.summary.json';
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
