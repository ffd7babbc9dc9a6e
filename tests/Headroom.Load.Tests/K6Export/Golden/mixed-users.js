// @ts-check
/**
 * '200 mixed users', made by `headroom export k6` from samples/plans/criteria/mixed-users.yaml. Run it: k6 run
 * mixed-users.js; read its summary: headroom import k6-summary mixed-users.summary.json.
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { sleep } from 'k6';
import exec from 'k6/execution';
import http from 'k6/http';

const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET || 'http://127.0.0.1:5080').replace(/\/+$/, '');
/** @type {Values} */
const VARS = {};

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: '200 mixed users',
  selector: '',
  requests: ['health', 'overview', 'users', 'items', 'signals', 'data', 'ingest', 'chats', 'messages', 'send'],
  tags: [],
  phases: [
    { name: 'people', executor: 'constant-vus', connections: 200, startSeconds: 0, durationSeconds: 30 },
  ],
  checks: [
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    people: { executor: 'constant-vus', vus: 200, duration: '30s', gracefulStop: '30s', exec: 'people' },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_failed': ['rate==0'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
};

/** Scenario people. @param {Values} [data] What setup found. */
export function people(data) {
  const vars = { ...VARS, ...data };
  choose(0.24866858415709278, [
    [1, (vars) => health(vars, {})],
    [2, (vars) => overview2(vars, {})],
    [2, (vars) => users(vars, {})],
    [2, (vars) => items(vars, {})],
    [1, (vars) => signals(vars, {})],
    [1, (vars) => data2(vars, {})],
    [1, (vars) => ingest(vars, {})],
    [6, chat],
  ])(vars);
  sleep(between(1, 3));
}

/** Flow chat. @param {Values} vars */
function chat(vars) {
  const rows = {};
  if (!chats(vars, rows)) return;
  sleep(between(0.5, 1));
  messages(vars, rows);
  switch (draw([2, 1])) {
    case 0:
      sleep(0.5);
      break;
    case 1:
      send(vars, rows);
      break;
  }
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

/** items @param {Values} vars @param {Rows} rows */
function items(vars, rows) {
  http.request('GET', `${BASE_URL}/api/items?status=open&page=${randomInt(1, 10)}`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'items' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** signals @param {Values} vars @param {Rows} rows */
function signals(vars, rows) {
  http.request('GET', `${BASE_URL}/api/signals`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'signals' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** data @param {Values} vars @param {Rows} rows */
function data2(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v1/data/heart_rate`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'data' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** ingest @param {Values} vars @param {Rows} rows */
function ingest(vars, rows) {
  http.request('POST', `${BASE_URL}/api/v1/ingest`, `{"source":"device-${exec.vu.idInTest}","points":[{"metric":"heart_rate","value":${randomInt(50, 120)}}]}`, {
    headers: { 'Accept-Encoding': 'br, gzip', 'Content-Type': 'application/json' },
    tags: { name: 'ingest' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** chats @param {Values} vars @param {Rows} rows */
function chats(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/api/v2/chats`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'chats' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  return extract(vars, { chat: jsonOf(response, ['items', 0, 'id']) });
}

/** messages @param {Values} vars @param {Rows} rows */
function messages(vars, rows) {
  http.request('GET', `${BASE_URL}/api/v2/chats/${encode(vars.chat)}/messages`, null, {
    headers: { 'Accept-Encoding': 'br, gzip' },
    tags: { name: 'messages' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** send @param {Values} vars @param {Rows} rows */
function send(vars, rows) {
  http.request('POST', `${BASE_URL}/api/v2/messages/send`, `{"chatId":${vars.chat},"sender":"user ${exec.vu.idInTest}","kind":"text","text":"Message ${exec.vu.iterationInScenario}"}`, {
    headers: { 'Accept-Encoding': 'br, gzip', 'Content-Type': 'application/json' },
    tags: { name: 'send' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** For a path or query: all but the unreserved characters of RFC 3986 is percent-encoded. @param {string} text */
function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase());
}

/** A whole number, both ends included. @param {number} min @param {number} max */
function randomInt(min, max) {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** Seconds of a uniform think time. @param {number} min @param {number} max */
function between(min, max) {
  return min + (max - min) * Math.random();
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
  const file = __ENV.SUMMARY || 'mixed-users.summary.json';
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
