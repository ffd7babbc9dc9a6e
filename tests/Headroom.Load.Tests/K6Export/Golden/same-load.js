// @ts-check
/**
 * 'same load', made by `headroom export k6` from tests/Headroom.Load.Tests/K6Export/Plans/same-load.yaml. Run it: k6 run
 * same-load.js; read its summary: headroom import k6-summary same-load.summary.json.
 *
 * k6 does this in another way than headroom:
 * - request 'list': its size is counted in the body as text, which other checks and extractions read: of a body that is
 *   not UTF-8 (a picture, a compressed file) it is another
 * - feeder 'users': rows are taken by the number of the scenario's iteration: each scenario (a warm-up is one) begins with
 *   the first, and those of iterations that send something else are passed over
 *
 * @typedef {{ [name: string]: string }} Values Variables of an iteration.
 * @typedef {{ [feeder: string]: { [column: string]: string } }} Rows Rows of feeders that an iteration takes.
 * @typedef {import('k6/http').RefinedResponse<any>} Response
 */
import { check, sleep } from 'k6';
import { SharedArray } from 'k6/data';
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import http from 'k6/http';
import { Counter } from 'k6/metrics';

for (const name of [...(__ENV.BASE_URL ? [] : ['TARGET'])]) {
  if (__ENV[name] === undefined) throw new Error(`environment variable '${name}' is not set; run k6 with -e ${name}=…`);
}
const BASE_URL = (__ENV.BASE_URL || __ENV.TARGET).replace(/\/+$/, '');
/** @type {Values} */
const VARS = { tenant: 'blue "1" & ü/é' };
/** @type {{ [column: string]: string }[]} */
const usersRows = new SharedArray('users', () => [
  { name: 'ana', note: 'a "quoted" one' },
  { name: 'ben o\'neil', note: 'two\nlines' },
  { name: 'çan 100%,/', note: '\\back`tick${x}' },
]);
const uploadBody = open('./same-load.uploadBody.bin', 'b');
/** Milliseconds of setup and teardown, so that the summary's reader can leave them out. */
const sequenceTime = new Counter('setup_and_teardown_time', true);

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'same load',
  selector: 'part:load,',
  requests: ['list', 'upload', 'text', 'pick', 'order', 'GET /thanks/${users.name | raw}', 'GET /a', 'GET /b/${missing}'],
  tags: [],
  phases: [
    { name: 'once', executor: 'shared-iterations', connections: 1, startSeconds: 0, durationSeconds: 600 },
  ],
  checks: [
    { request: 'list', name: '$.items[-1].id is 2' },
    { request: 'list', name: '$.items[0].price is 2.5' },
    { request: 'list', name: '$.none is there' },
    { request: 'list', name: 'header content-type contains json' },
    { request: 'list', name: 'header X-None is there' },
    { request: 'list', name: 'size >= 10B' },
    { request: 'list', name: 'status is 2xx or 304' },
    { request: 'list', name: 'body matches (?i)\\A\\{.*OK.*\\}\\z' },
    { request: 'list', name: 'body contains price' },
    { request: 'order', name: 'status is 201' },
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    once: { executor: 'shared-iterations', vus: 1, iterations: 40, maxDuration: '600s', gracefulStop: '30s', exec: 'once', tags: { part: 'load' } },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_duration{part:load}': ['p(95)<10000'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 0,
  setupTimeout: '60s',
  teardownTimeout: '60s',
};

export function setup() {
  const begun = Date.now();
  const vars = { ...VARS };
  const rows = { users: usersRows[0] };
  postLogin(vars, rows);
  sequenceTime.add(Date.now() - begun);
  return vars;
}

/** @param {Values} [data] What setup found. */
export function teardown(data) {
  const begun = Date.now();
  const vars = { ...VARS, ...data };
  const rows = {};
  deleteLogout(vars, rows);
  sequenceTime.add(Date.now() - begun);
}

/** Scenario once. @param {Values} [data] What setup found. */
export function once(data) {
  const vars = { ...VARS, ...data };
  choose(0.24866858415709278, [
    [2.5, (vars) => list(vars, { users: nextRow(usersRows, exec.scenario.iterationInTest + 1, null) })],
    [1, (vars) => upload(vars, { users: nextRow(usersRows, exec.scenario.iterationInTest + 1, null) })],
    [1, (vars) => text(vars, { users: nextRow(usersRows, exec.scenario.iterationInTest + 1, null) })],
    [2, buy],
    [1, broken],
  ])(vars);
}

/** Flow buy. @param {Values} vars */
function buy(vars) {
  const rows = { users: nextRow(usersRows, exec.scenario.iterationInTest + 1, null) };
  if (!pick(vars, rows)) return;
  sleep(0.001);
  order(vars, rows);
  switch (draw([1, 1])) {
    case 0:
      getThanksUsersNameRaw(vars, rows);
      break;
    case 1:
      getThanksUsersNameRaw2(vars, rows);
      break;
  }
}

/** Flow broken. @param {Values} vars */
function broken(vars) {
  const rows = { users: nextRow(usersRows, exec.scenario.iterationInTest + 1, null) };
  if (!getA(vars, rows)) return;
  getBMissing(vars, rows);
}

/** POST /login @param {Values} vars @param {Rows} rows */
function postLogin(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/login`, `{"user":"${json(rows.users.name)}"}`, {
    headers: { 'X-Client': (__ENV.CLIENT || 'nobody'), 'Content-Type': 'application/json' },
    tags: { name: 'POST /login' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  const found = extract(vars, { token: jsonOf(response, ['token']) });
  if (!(response.status !== 0 && response.status < 400 && found)) throw new Error(`the plan's setup failed, so no load is sent: 'POST /login' was answered ${response.status}`);
}

/** DELETE /logout @param {Values} vars @param {Rows} rows */
function deleteLogout(vars, rows) {
  const response = http.request('DELETE', `${BASE_URL}/logout`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'DELETE /logout' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  if (!(response.status !== 0 && response.status < 400)) console.warn(`the plan's teardown failed: 'DELETE /logout' was answered ${response.status}`);
}

/** list @param {Values} vars @param {Rows} rows */
function list(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/items?q=a%20b&tenant=${encode(vars.tenant)}&raw=${inTarget(vars.tenant)}&b=${base64(vars.tenant)}&user=${encode(rows.users.name)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'list' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  check(response, {
    '$.items[-1].id is 2': (r) => equalsAny(jsonOf(r, ['items', -1, 'id']), ['2']),
    '$.items[0].price is 2.5': (r) => equalsAny(jsonOf(r, ['items', 0, 'price']), ['2.5']),
    '$.none is there': (r) => jsonOf(r, ['none']) !== undefined,
    'header content-type contains json': (r) => containsAny(headerOf(r, 'content-type'), ['json']),
    'header X-None is there': (r) => headerOf(r, 'X-None') !== undefined,
    'size >= 10B': (r) => r.status !== 0 && sizeOf(r) >= 10,
    'status is 2xx or 304': (r) => (r.status >= 200 && r.status <= 299) || r.status === 304,
    'body matches (?i)\\A\\{.*OK.*\\}\\z': (r) => matchesAny(bodyOf(r), [new RegExp('^\\{[^\\n]*OK[^\\n]*\\}$', 'i')]),
    'body contains price': (r) => containsAny(bodyOf(r), ['price']),
  }, { name: 'list' });
  return true;
}

/** upload @param {Values} vars @param {Rows} rows */
function upload(vars, rows) {
  http.request('PUT', `${BASE_URL}/upload?user=${encode(rows.users.name)}`, uploadBody, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody'), 'Content-Type': 'application/octet-stream' },
    tags: { name: 'upload' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** text @param {Values} vars @param {Rows} rows */
function text(vars, rows) {
  http.request('POST', `${BASE_URL}/text`, `a=${encode(vars.tenant)}&vu=${exec.vu.idInTest}&i=${exec.vu.iterationInScenario} \`\${x} '${rows.users.note}' ${__ENV.CLIENT || 'nobody'}`, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'text' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** pick @param {Values} vars @param {Rows} rows */
function pick(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/items/${encode(rows.users.name)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'pick' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  return extract(vars, { id: jsonOf(response, ['items', 1, 'id']), next: firstMatch(headerOf(response, 'X-None'), new RegExp('n=([^\\n]*)')) ?? 'no\\ne' });
}

/** order @param {Values} vars @param {Rows} rows */
function order(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/orders/${encode(vars.id)}`, `{"id":${vars.id},"who":"${json(rows.users.name)}","note":"${json(rows.users.note)}","tenant":"${json(vars.tenant)}","next":"${json(vars.next)}","text":"\\u00FC \\u0022x\\u0022","client":"${json((__ENV.CLIENT || 'nobody'))}"}`, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody'), 'Content-Type': 'application/json' },
    tags: { name: 'order' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  check(response, {
    'status is 201': (r) => r.status === 201,
  }, { name: 'order' });
  return true;
}

/** GET /thanks/${users.name | raw} @param {Values} vars @param {Rows} rows */
function getThanksUsersNameRaw(vars, rows) {
  http.request('GET', `${BASE_URL}/thanks/${inTarget(rows.users.name)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'GET /thanks/${users.name | raw}' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** GET /thanks/${users.name | raw} @param {Values} vars @param {Rows} rows */
function getThanksUsersNameRaw2(vars, rows) {
  http.request('GET', `${BASE_URL}/thanks/${inTarget(rows.users.name)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'GET /thanks/${users.name | raw}' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** GET /a @param {Values} vars @param {Rows} rows */
function getA(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/a?u=${encode(rows.users.name)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'GET /a' },
    timeout: '30s',
    responseType: 'text',
    jar: new http.CookieJar(),
  });
  return extract(vars, { missing: jsonOf(response, ['nothing']) });
}

/** GET /b/${missing} @param {Values} vars @param {Rows} rows */
function getBMissing(vars, rows) {
  http.request('GET', `${BASE_URL}/b/${encode(vars.missing)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'nobody') },
    tags: { name: 'GET /b/${missing}' },
    timeout: '30s',
    jar: new http.CookieJar(),
  });
  return true;
}

/** For a path or query: all but the unreserved characters of RFC 3986 is percent-encoded. @param {string} text */
function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase());
}

/** As it is, but for what would end the address. @param {string} text */
function inTarget(text) {
  return text.replace(/[\x00-\x20\x7f]/g, encodeURIComponent);
}

/** For the inside of a JSON string. @param {string} text */
function json(text) {
  return JSON.stringify(text).slice(1, -1);
}

/** @param {string} text */
function base64(text) {
  return encoding.b64encode(text);
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

/** The first group of a match, or the whole of it; undefined without one. @param {string | undefined} text @param {RegExp} pattern @returns {string | undefined} */
function firstMatch(text, pattern) {
  const match = text === undefined ? null : pattern.exec(text);
  return match === null ? undefined : match.length > 1 ? match[1] : match[0];
}

/** Equal as text, or as numbers where both are. @param {string | undefined} text @param {string[]} operands */
function equalsAny(text, operands) {
  const number = numberOf(text);
  return text !== undefined && operands.some((operand) => text === operand || number === numberOf(operand));
}

/** NaN, which nothing equals, where it is none. @param {string | undefined} text */
function numberOf(text) {
  return text !== undefined && /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?$/.test(text) ? Number(text) : NaN;
}

/** @param {string | undefined} text @param {string[]} operands */
function containsAny(text, operands) {
  return text !== undefined && operands.some((operand) => text.includes(operand));
}

/** @param {string | undefined} text @param {RegExp[]} patterns */
function matchesAny(text, patterns) {
  return text !== undefined && patterns.some((pattern) => pattern.test(text));
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

/**
 * The row of an iteration.
 * @param {{ [column: string]: string }[]} rows
 * @param {number} number Counted from 0.
 * @param {string | null} end Ends the test when rows run out; null begins again.
 */
function nextRow(rows, number, end) {
  if (end !== null && number >= rows.length) exec.test.abort(end);
  return rows[number % rows.length];
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
  const file = __ENV.SUMMARY || 'same-load.summary.json';
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
