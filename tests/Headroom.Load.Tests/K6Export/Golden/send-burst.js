// @ts-check
/**
 * 'message send burst', made by `headroom export k6` from samples/plans/criteria/send-burst.yaml. Run it: k6 run
 * send-burst.js; read its summary: headroom import k6-summary send-burst.summary.json.
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { check } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = {};

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'message send burst',
  selector: '',
  requests: ['send'],
  tags: [],
  phases: [
    { name: 'burst', executor: 'per-vu-iterations', connections: 100, startSeconds: 0, durationSeconds: 60 },
  ],
  checks: [
    { request: 'send', name: 'status is 201' },
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    burst: { executor: 'per-vu-iterations', vus: 100, iterations: 5, maxDuration: '60s', gracefulStop: '30s', exec: 'burst' },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_duration': ['p(95)<500'],
    'http_req_failed': ['rate<0.001'],
    'checks': ['rate>=1'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
};

/** Scenario burst. @param {Values} [data] What setup found. */
export function burst(data) {
  const vars = { ...VARS, ...data };
  send(vars, {});
}

/** send @param {Values} vars @param {Rows} rows */
function send(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/api/v2/messages/send`, `{"chatId":${randomInt(1, 400)},"sender":"burst","kind":"text","text":"Burst of VU ${exec.vu.idInTest}, message ${exec.vu.iterationInScenario}"}`, {
    headers: { 'Content-Type': 'application/json' },
    tags: { name: 'send' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  check(response, {
    'status is 201': (r) => r.status === 201,
  }, { name: 'send' });
  return true;
}

/** A whole number, both ends included. @param {number} min @param {number} max */
function randomInt(min, max) {
  return min + Math.floor(Math.random() * (max - min + 1));
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
  const file = __ENV.SUMMARY || 'send-burst.summary.json';
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
