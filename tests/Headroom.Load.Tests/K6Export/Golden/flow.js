// @ts-check
/**
 * 'chat users', made by `headroom export k6` from samples/plans/flow.yaml. Run it: k6 run flow.js; read its summary:
 * headroom import k6-summary flow.summary.json.
 *
 * k6 does this in another way than headroom:
 * - scenario 'probes': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { check, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = { page: '20' };
/** @type {{ [column: string]: string }[]} */
const usersRows = new SharedArray('users', () => [
  { name: 'ana', chat: '1' },
  { name: 'ben', chat: '2' },
  { name: 'chen', chat: '3' },
  { name: 'dora', chat: '4' },
  { name: 'emil', chat: '5' },
]);
/** Milliseconds of setup and teardown, so that the summary's reader can leave them out. */
const sequenceTime = new Counter('setup_and_teardown_time', true);

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'chat users',
  selector: 'part:load,',
  requests: ['health', 'chats', 'messages', 'send', 'GET /api/iris/overview'],
  tags: ['area:read'],
  phases: [
    { name: 'people', executor: 'ramping-vus', connections: 20, startSeconds: 0, durationSeconds: 20 },
    { name: 'probes', executor: 'constant-arrival-rate', connections: 5, ratePerSecond: 5, startSeconds: 0, durationSeconds: 20 },
  ],
  checks: [
    { request: 'chats', name: 'status is 200' },
    { request: 'chats', name: 'has a chat' },
    { request: 'messages', name: 'status is 200' },
    { request: 'messages', name: 'header Content-Type contains json' },
    { request: 'messages', name: 'size < 1MB' },
    { request: 'send', name: 'status is 2xx' },
    { request: 'send', name: 'duration < 2s' },
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    people: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '5s', target: 20 }, { duration: '10s', target: 20 }, { duration: '5s', target: 0 }], gracefulRampDown: '30s', gracefulStop: '30s', exec: 'people', tags: { part: 'load' } },
    probes: { executor: 'constant-arrival-rate', rate: 5, timeUnit: '1s', duration: '20s', preAllocatedVUs: 5, maxVUs: 5, gracefulStop: '30s', exec: 'probes', tags: { part: 'load' } },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_failed{part:load}': ['rate<0.01'],
    'http_req_duration{part:load}': ['p(95)<500'],
    'checks{part:load}': ['rate>0.99'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
  setupTimeout: '60s',
};

export function setup() {
  const begun = Date.now();
  const vars = { ...VARS };
  const rows = {};
  settings(vars, rows);
  sequenceTime.add(Date.now() - begun);
  return vars;
}

/** Scenario people. @param {Values} [data] What setup found. */
export function people(data) {
  const vars = { ...VARS, ...data };
  browse(vars);
}

/** Scenario probes. @param {Values} [data] What setup found. */
export function probes(data) {
  const vars = { ...VARS, ...data };
  health(vars, {});
}

/** Flow browse. @param {Values} vars */
function browse(vars) {
  const rows = { users: usersRows[Math.floor(Math.random() * usersRows.length)] };
  if (!chats(vars, rows)) return;
  sleep(between(0.1, 0.3));
  messages(vars, rows);
  switch (draw([3, 1])) {
    case 0:
      sleep(exponential(0.2));
      send(vars, rows);
      break;
    case 1:
      getApiIrisOverview(vars, rows);
      break;
  }
}

/** settings @param {Values} vars @param {Rows} rows */
function settings(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/api/v2/settings`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'settings' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  const checked1 = check(response, {
    'status is 200': (r) => r.status === 200,
  }, { name: 'settings' });
  if (!(response.status !== 0 && response.status < 400 && checked1)) throw new Error(`the plan's setup failed, so no load is sent: 'settings' was answered ${response.status}`);
}

/** chats @param {Values} vars @param {Rows} rows */
function chats(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/api/v2/chats?limit=${encode(vars.page)}`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'chats', area: 'read' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  check(response, {
    'status is 200': (r) => r.status === 200,
    'has a chat': (r) => jsonOf(r, ['items', 0, 'id']) !== undefined,
  }, { name: 'chats', area: 'read' });
  return extract(vars, { chat: jsonOf(response, ['items', 0, 'id']) });
}

/** messages @param {Values} vars @param {Rows} rows */
function messages(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/api/v2/chats/${encode(vars.chat)}/messages?limit=${encode(vars.page)}`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'messages' },
    timeout: '30s',
    responseType: 'binary',
    jar: new http.CookieJar(),
  });
  check(response, {
    'status is 200': (r) => r.status === 200,
    'header Content-Type contains json': (r) => containsAny(headerOf(r, 'Content-Type'), ['json']),
    'size < 1MB': (r) => r.status !== 0 && sizeOf(r) < 1000000,
  }, { name: 'messages' });
  return true;
}

/** send @param {Values} vars @param {Rows} rows */
function send(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/api/v2/messages/send`, `{"chatId":${vars.chat},"sender":"${json(rows.users.name)}","kind":"text","text":"Hello number ${exec.vu.iterationInScenario} from ${json(rows.users.name)}"}`, {
    headers: { 'Accept-Encoding': 'br, gzip', 'Content-Type': 'application/json' },
    tags: { name: 'send' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  check(response, {
    'status is 2xx': (r) => (r.status >= 200 && r.status <= 299),
    'duration < 2s': (r) => r.status !== 0 && r.timings.duration < 2000,
  }, { name: 'send' });
  return true;
}

/** GET /api/iris/overview @param {Values} vars @param {Rows} rows */
function getApiIrisOverview(vars, rows) {
  http.request('GET', `${BASE_URL}/api/iris/overview`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'GET /api/iris/overview' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** health @param {Values} vars @param {Rows} rows */
function health(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/health`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'health' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** For a path or query: all but the unreserved characters of RFC 3986 is percent-encoded. @param {string} text */
function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase());
}

/** For the inside of a JSON string. @param {string} text */
function json(text) {
  return JSON.stringify(text).slice(1, -1);
}

/** Seconds of a uniform think time. @param {number} min @param {number} max */
function between(min, max) {
  return min + (max - min) * Math.random();
}

/** Seconds of an exponential think time, at most twenty times its mean. @param {number} mean */
function exponential(mean) {
  return mean * Math.min(20, -Math.log(1 - Math.random()));
}

/** The index of one of several, by weight. @param {number[]} weights */
function draw(weights) {
  let point = Math.random() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length - 1; index++) {
    point -= weights[index];
    if (point < 0) return index;
  }
  return weights.length - 1;
}

/** The decoded body; undefined without a response. @param {Response} response @returns {string | undefined} */
function bodyOf(response) {
  return response.status !== 0 && typeof response.body === 'string' ? response.body : undefined;
}

/** Bytes of the decoded body. @param {Response} response */
function sizeOf(response) {
  if (typeof response.body !== 'string') return response.body ? response.body.byteLength : 0;
  let bytes = 0;
  for (const letter of response.body) {
    const code = letter.codePointAt(0) || 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** A header by its name in any case; undefined when it is not there. @param {Response} response @param {string} name @returns {string | undefined} */
function headerOf(response, name) {
  const found = Object.keys(response.headers || {}).find((key) => key.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : response.headers[found];
}

/**
 * A value of a JSON body as text, everything but text as JSON; undefined when it is not there or null.
 * @param {Response} response @param {(string | number)[]} path @returns {string | undefined}
 */
function jsonOf(response, path) {
  const body = bodyOf(response);
  if (body === undefined) return undefined;
  let value;
  try {
    value = JSON.parse(body.replace(/^\ufeff/, ''));
  } catch (error) {
    return undefined;
  }
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step < 0 ? value.length + step : step] : undefined;
    else value = value !== null && typeof value === 'object' && !Array.isArray(value) && Object.prototype.hasOwnProperty.call(value, step) ? value[step] : undefined;
  }
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** @param {string | undefined} text @param {string[]} operands */
function containsAny(text, operands) {
  return text !== undefined && operands.some((operand) => text.includes(operand));
}

/** Keeps what was found; false when something that has no default was not. @param {Values} vars @param {{ [name: string]: string | undefined }} found */
function extract(vars, found) {
  let all = true;
  for (const [name, value] of Object.entries(found)) {
    if (value === undefined) all = false;
    else vars[name] = value;
  }
  return all;
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
  const file = __ENV.SUMMARY || 'flow.summary.json';
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
