// @ts-check
/**
 * 'everything', made by `headroom export k6` from tests/Headroom.Load.Tests/K6Export/Plans/everything.yaml. Run it: k6 run
 * everything.js; read its summary: headroom import k6-summary everything.summary.json.
 *
 * k6 does this in another way than headroom:
 * - ${env.MAX_VUS}: stands where a script cannot read the environment; the value that it has now is written
 * - responseTimeout: k6 has one timeout, for the whole request
 * - connectTimeout: k6 has one timeout, for the whole request
 * - redirects: k6 follows them to any host, headroom to hosts that the plan names
 * - captureLimit: checks and extractions of k6 see whole bodies
 * - request 'list, all': its size is counted in the body as text, which other checks and extractions read: of a body that
 *   is not UTF-8 (a picture, a compressed file) it is another
 * - request 'stream': 'events: 3' ends an event stream; k6 reads it to its end, or until the timeout
 * - feeder 'items': 'atEnd: stop' ends the whole test when its rows run out: k6 cannot end a single VU or scenario
 * - feeder 'users': rows are taken by the number of the scenario's iteration: each scenario (a warm-up is one) begins with
 *   the first, and those of iterations that send something else are passed over
 * - feeder 'items': rows are taken by the number of the scenario's iteration: each scenario (a warm-up is one) begins with
 *   the first, and those of iterations that send something else are passed over
 * - scenario 'steady': its warm-up is a scenario of its own, 'steady_warmup', which k6's totals count; the thresholds
 *   leave it out
 * - scenario 'rate of day': is called 'rate-of-day': names of k6's scenarios have letters, digits, '-' and '_' only
 * - scenario 'rate of day': its warm-up is a scenario of its own, 'rate-of-day_warmup', which k6's totals count; the
 *   thresholds leave it out
 * - scenario 'rate of day': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations;
 *   headroom starts it late, and its latency shows the wait
 * - scenario 'ramp': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 * - scenario 'again': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom
 *   starts it late, and its latency shows the wait
 * - scenario 'again': recorded arrivals ('replay') become a rate: as many in every 1 s as were recorded, evenly spread
 * - scenario 'odd': its warm-up is a scenario of its own, 'odd_warmup', which k6's totals count; the thresholds leave it
 *   out
 * - scenario 'odd': an arrival that finds all VUs busy is dropped by k6 and counted in dropped_iterations; headroom starts
 *   it late, and its latency shows the wait
 * - target 'rps>10': k6 divides by the time of the whole test, with setup, warm-up and teardown
 * - target 'dropped<1': k6 counts those that the warm-up dropped, too
 * - target 'dropped{pick}<1': is left out: k6 does not measure it
 * - target 'hit-rate>50%': is left out: k6 does not measure it
 * - target 'rss<100MB': is left out: k6 does not measure it
 * - target 'data_received{area:read}: rate<1MB/s': is left out: k6 counts bytes of a scenario, not of a request
 * - target 'dropped_iterations: count<1': k6 counts those that the warm-up dropped, too
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

for (const name of ['API_USER', 'N']) {
  if (__ENV[name] === undefined) throw new Error(`environment variable '${name}' is not set; run k6 with -e ${name}=…`);
}
const BASE_URL = (__ENV.BASE_URL || `${__ENV.TARGET || 'http://127.0.0.1:8080'}/api/`).replace(/\/+$/, '');
/** @type {Values} */
const VARS = { tenant: 'blue "1"', 'odd-name': 'it\'s' };
/** @type {{ [column: string]: string }[]} */
const usersRows = new SharedArray('users', () => [
  { name: 'ana', 'e mail': 'a@b' },
  { name: 'o\'neil', 'e mail': (__ENV.MAIL || 'c@d') },
]);
/** @type {{ [column: string]: string }[]} */
const itemsRows = new SharedArray('items', () => [
  { id: '1' },
  { id: '2' },
  { id: '3' },
]);
/** @type {{ [column: string]: string }[]} */
const anyRows = new SharedArray('any', () => [
  { id: '1' },
]);
/** @type {{ [column: string]: string }[]} */
const ownRows = new SharedArray('own', () => [
  { id: '1' },
]);
const uploadBody = open('./everything.uploadBody.bin', 'b');
/** Milliseconds of setup and teardown, so that the summary's reader can leave them out. */
const sequenceTime = new Counter('setup_and_teardown_time', true);

/** What the summary has of its own; `headroom import k6-summary` reads it. */
const PARTS = {
  version: 1,
  plan: 'everything',
  selector: 'part:load,',
  requests: ['list; all', 'upload', 'text', 'stream', 'pick', 'buy */ it:now', 'GET /thanks', 'GET /help', 'GET /a', 'GET /b'],
  tags: ['area:read', 'kind:a;b'],
  phases: [
    { name: 'steady', executor: 'constant-vus', connections: 3, startSeconds: 1, durationSeconds: 10 },
    { name: 'rate-of-day', executor: 'constant-arrival-rate', connections: 5, ratePerSecond: 1.5, startSeconds: 1, durationSeconds: 20 },
    { name: 'ramp', executor: 'ramping-arrival-rate', connections: 50, startSeconds: 5, durationSeconds: 15 },
    { name: 'vus', executor: 'ramping-vus', connections: 4, startSeconds: 0, durationSeconds: 1 },
    { name: 'each', executor: 'per-vu-iterations', connections: 2, startSeconds: 0, durationSeconds: 600 },
    { name: 'once', executor: 'shared-iterations', connections: 10, startSeconds: 0, durationSeconds: 60 },
    { name: 'again', executor: 'replay', connections: 2, startSeconds: 0, durationSeconds: 4.001 },
    { name: 'odd', executor: 'constant-arrival-rate', connections: 7, ratePerSecond: 0.3333333, startSeconds: 1, durationSeconds: 9 },
  ],
  checks: [
    { request: 'list; all', name: 'same' },
    { request: 'list; all', name: 'body matches (?i)\\Aitems\\d+\\z' },
    { request: 'list; all', name: 'body is x' },
    { request: 'list; all', name: 'header ETag is there' },
    { request: 'list; all', name: 'header Content-Type is not text/html' },
    { request: 'list; all', name: '$.items[-1][\'a b\'] is 1 or x' },
    { request: 'list; all', name: '$.count >= 3' },
    { request: 'list; all', name: 'size >= 10B' },
    { request: 'list; all', name: 'duration < 200ms' },
    { request: 'buy */ it:now', name: 'status is 2xx' },
  ],
};

/** @type {import('k6/options').Options} */
export const options = {
  scenarios: {
    steady_warmup: { executor: 'constant-vus', vus: 3, duration: '1s', gracefulStop: '0s', exec: 'steady', tags: { part: 'warmup' } },
    steady: { executor: 'constant-vus', vus: 3, duration: '10s', gracefulStop: '4s', startTime: '1s', exec: 'steady', tags: { part: 'load' } },
    'rate-of-day_warmup': { executor: 'constant-arrival-rate', rate: 3, timeUnit: '2s', duration: '1s', preAllocatedVUs: 5, maxVUs: 5, gracefulStop: '0s', exec: 'rateOfDay', tags: { part: 'warmup' } },
    'rate-of-day': { executor: 'constant-arrival-rate', rate: 3, timeUnit: '2s', duration: '20s', preAllocatedVUs: 5, maxVUs: 5, gracefulStop: '4s', startTime: '1s', exec: 'rateOfDay', tags: { part: 'load' } },
    ramp: { executor: 'ramping-arrival-rate', startRate: 0, timeUnit: '2s', stages: [{ duration: '10s', target: 1 }, { duration: '0s', target: 6 }, { duration: '5s', target: 6 }], preAllocatedVUs: 50, maxVUs: 50, gracefulStop: '4s', startTime: '5s', exec: 'ramp', tags: { part: 'load' } },
    vus: { executor: 'ramping-vus', startVUs: 1, stages: [{ duration: '1s', target: 4 }], gracefulRampDown: '2s', gracefulStop: '4s', exec: 'vus', tags: { part: 'load' } },
    each: { executor: 'per-vu-iterations', vus: 2, iterations: 3, maxDuration: '600s', gracefulStop: '4s', exec: 'each', tags: { part: 'load' } },
    once: { executor: 'shared-iterations', vus: 4, iterations: 4, maxDuration: '60s', gracefulStop: '4s', exec: 'once', tags: { part: 'load' } },
    again: { executor: 'ramping-arrival-rate', startRate: 3, timeUnit: '1s', stages: [{ duration: '2s', target: 3 }, { duration: '0s', target: 0 }, { duration: '2s', target: 0 }, { duration: '0s', target: 1 }, { duration: '1s', target: 1 }], preAllocatedVUs: 2, maxVUs: 2, gracefulStop: '4s', exec: 'again', tags: { part: 'load' } },
    odd_warmup: { executor: 'constant-arrival-rate', rate: 10, timeUnit: '30s', duration: '1s', preAllocatedVUs: 7, maxVUs: 7, gracefulStop: '0s', exec: 'odd', tags: { part: 'warmup' } },
    odd: { executor: 'constant-arrival-rate', rate: 10, timeUnit: '30s', duration: '9s', preAllocatedVUs: 7, maxVUs: 7, gracefulStop: '4s', startTime: '1s', exec: 'odd', tags: { part: 'load' } },
  },
  thresholds: {
    ...partsOfSummary(),
    'http_req_duration{part:load}': ['p(95)<150', 'avg<1000', 'p(95)<500', { threshold: 'p(99)<1500', abortOnFail: true, delayAbortEval: '10s' }],
    'http_req_duration{part:load,name:pick}': ['p(99.9)<1000'],
    'http_req_failed{part:load}': ['rate<0.001', 'rate<0.01'],
    'http_reqs{part:load}': ['rate>10'],
    'checks{part:load,name:pick}': ['rate>0.99'],
    'dropped_iterations': ['count<1'],
    'http_req_duration{part:load,area:read}': ['p(95)<200'],
    'http_req_duration{part:load,scenario:rate-of-day}': ['max<2000'],
    'http_req_duration{part:load,name:list; all}': ['p(50)<100'],
    'checks{part:load}': ['rate>0.99'],
    'checks{part:load,check:same}': ['rate==1'],
    'iterations{part:load}': ['count>=10'],
    'iteration_duration{part:load}': ['avg<3000'],
    'data_sent{part:load}': ['count<1000000000'],
    'vus': ['value<=50'],
  },
  summaryTrendStats: ['count', 'min', 'avg', 'med', 'p(75)', 'p(90)', 'p(95)', 'p(99)', 'p(99.9)', 'max'],
  discardResponseBodies: true,
  maxRedirects: 3,
  noVUConnectionReuse: true,
  setupTimeout: '60s',
  teardownTimeout: '60s',
};

export function setup() {
  const begun = Date.now();
  const vars = { ...VARS };
  const rows = {};
  login(vars, rows);
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

/** Scenario steady. @param {Values} [data] What setup found. */
export function steady(data) {
  const vars = { ...VARS, ...data };
  choose(0.38322046929189024, [
    [2.5, (vars) => listAll(vars, {})],
    [1, (vars) => upload(vars, { any: anyRows[Math.floor(Math.random() * anyRows.length)], own: nextRow(ownRows, exec.vu.idInTest - 1, 'feeder \'own\' has no further row') })],
    [1, (vars) => text(vars, {})],
    [1, (vars) => stream(vars, {})],
    [2, buy],
    [1, look],
  ])(vars);
}

/** Scenario rate of day. @param {Values} [data] What setup found. */
export function rateOfDay(data) {
  const vars = { ...VARS, ...data };
  buy(vars);
}

/** Scenario ramp. @param {Values} [data] What setup found. */
export function ramp(data) {
  const vars = { ...VARS, ...data };
  listAll(vars, {});
}

/** Scenario vus. @param {Values} [data] What setup found. */
export function vus(data) {
  const vars = { ...VARS, ...data };
  choose(0.379392566336036, [
    [2.5, (vars) => listAll(vars, {})],
    [1, (vars) => upload(vars, { any: anyRows[Math.floor(Math.random() * anyRows.length)], own: nextRow(ownRows, exec.vu.idInTest - 1, 'feeder \'own\' has no further row') })],
    [1, (vars) => text(vars, {})],
    [1, (vars) => stream(vars, {})],
    [2, buy],
    [1, look],
  ])(vars);
  sleep(between(1, 2));
}

/** Scenario each. @param {Values} [data] What setup found. */
export function each(data) {
  const vars = { ...VARS, ...data };
  look(vars);
}

/** Scenario once. @param {Values} [data] What setup found. */
export function once(data) {
  const vars = { ...VARS, ...data };
  choose(0.7101739643654664, [
    [2.5, (vars) => listAll(vars, {})],
    [1, (vars) => upload(vars, { any: anyRows[Math.floor(Math.random() * anyRows.length)], own: nextRow(ownRows, exec.vu.idInTest - 1, 'feeder \'own\' has no further row') })],
    [1, (vars) => text(vars, {})],
    [1, (vars) => stream(vars, {})],
    [2, buy],
    [1, look],
  ])(vars);
}

/** Scenario again. @param {Values} [data] What setup found. */
export function again(data) {
  const vars = { ...VARS, ...data };
  text(vars, {});
}

/** Scenario odd. @param {Values} [data] What setup found. */
export function odd(data) {
  const vars = { ...VARS, ...data };
  stream(vars, {});
}

/** Flow buy. @param {Values} vars */
function buy(vars) {
  const rows = { items: nextRow(itemsRows, exec.scenario.iterationInTest, 'feeder \'items\' has no further row'), users: nextRow(usersRows, exec.scenario.iterationInTest, null) };
  if (!pick(vars, rows)) return;
  sleep(1);
  buyItNow(vars, rows);
  switch (draw([3, 1])) {
    case 0:
      getThanks(vars, rows);
      break;
    case 1:
      sleep(exponential(2));
      getHelp(vars, rows);
      break;
  }
}

/** Flow look. @param {Values} vars */
function look(vars) {
  const rows = {};
  getA(vars, rows);
  sleep(between(0.01, 1));
  getB(vars, rows);
}

/** login @param {Values} vars @param {Rows} rows */
function login(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/login`, `{"user":"${json(__ENV.API_USER)}","password":${plain((__ENV.API_PASSWORD || 'demo'))},"text":"${json(__ENV.N)}","plain":${plain(__ENV.N)},"other":${plain((__ENV.M || 'true'))}}`, {
    headers: { 'X-Client': (__ENV.CLIENT || 'headroom'), 'Content-Type': 'application/json' },
    tags: { name: 'login' },
    timeout: '5s',
    responseType: 'text',
  });
  const checked1 = check(response, {
    'status is 200': (r) => r.status === 200,
  }, { name: 'login' });
  const found = extract(vars, { token: jsonOf(response, ['token']), next: firstMatch(headerOf(response, 'Link'), new RegExp('<([^\\n]*?)>')) ?? '' });
  if (!(response.status !== 0 && response.status < 400 && checked1 && found)) throw new Error(`the plan's setup failed, so no load is sent: 'login' was answered ${response.status}`);
}

/** DELETE /logout @param {Values} vars @param {Rows} rows */
function deleteLogout(vars, rows) {
  const response = http.request('DELETE', `${BASE_URL}/logout`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'DELETE /logout' },
    timeout: '5s',
  });
  if (!(response.status !== 0 && response.status < 400)) console.warn(`the plan's teardown failed: 'DELETE /logout' was answered ${response.status}`);
}

/** list, all @param {Values} vars @param {Rows} rows */
function listAll(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/items?q=a%20b&tenant=${encode(vars.tenant)}&odd=${encode(vars['odd-name'])}&raw=${inTarget(vars.tenant)}&b=${base64(vars.tenant)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'list; all', area: 'read', kind: 'a;b' },
    timeout: '500ms',
    responseType: 'text',
  });
  check(response, {
    same: (r) => r.status === 200 || (r.status >= 300 && r.status <= 399),
    'body matches (?i)\\Aitems\\d+\\z': (r) => matchesAny(bodyOf(r), [new RegExp('^items\\d+$', 'i')]),
    'body is x': (r) => equalsAny(bodyOf(r), ['x']),
    'header ETag is there': (r) => headerOf(r, 'ETag') !== undefined,
    'header Content-Type is not text/html': (r) => r.status !== 0 && !(equalsAny(headerOf(r, 'Content-Type'), ['text/html'])),
    '$.items[-1][\'a b\'] is 1 or x': (r) => equalsAny(jsonOf(r, ['items', -1, 'a b']), ['1', 'x']),
    '$.count >= 3': (r) => numberOf(jsonOf(r, ['count'])) >= 3,
    'size >= 10B': (r) => r.status !== 0 && sizeOf(r) >= 10,
    'duration < 200ms': (r) => r.status !== 0 && r.timings.duration < 200,
  }, { name: 'list; all', area: 'read', kind: 'a;b' });
  check(response, {
    same: (r) => containsAny(bodyOf(r), ['a', 'b\'c']),
  }, { name: 'list; all', area: 'read', kind: 'a;b' });
  return true;
}

/** upload @param {Values} vars @param {Rows} rows */
function upload(vars, rows) {
  http.request('PUT', `${BASE_URL}/upload?id=${encode(rows.any.id)}&own=${encode(rows.own.id)}`, uploadBody, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom'), 'Content-Type': 'application/octet-stream' },
    tags: { name: 'upload' },
    timeout: '5s',
  });
  return true;
}

/** text @param {Values} vars @param {Rows} rows */
function text(vars, rows) {
  http.request('POST', `http://127.0.0.1:9090/other/${inTarget((__ENV.OTHER || 'x'))}?u=${uuid()}&t=${Date.now()}&r=${randomInt(1, 6)}`, `a=${encode(vars.tenant)}&vu=${exec.vu.idInTest}&i=${exec.vu.iterationInScenario} \`\${x} ${__ENV.N}`, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'text' },
    timeout: '5s',
  });
  return true;
}

/** stream @param {Values} vars @param {Rows} rows */
function stream(vars, rows) {
  http.request('GET', `${BASE_URL}/events`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'stream' },
    timeout: '5s',
  });
  return true;
}

/** pick @param {Values} vars @param {Rows} rows */
function pick(vars, rows) {
  const response = http.request('GET', `${BASE_URL}/items/${encode(rows.items.id)}`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'pick' },
    timeout: '5s',
    responseType: 'text',
  });
  return extract(vars, { id: jsonOf(response, ['id']), csrf: firstMatch(bodyOf(response), new RegExp('name="csrf" value="([^\\n]*?)"')) });
}

/** buy * / it::now @param {Values} vars @param {Rows} rows */
function buyItNow(vars, rows) {
  const response = http.request('POST', `${BASE_URL}/orders`, `{"id":${vars.id},"who":"${json(rows.users.name)}","mail":"${json(rows.users['e mail'])}","csrf":"${json(vars.csrf)}","note":"\\u00FC \\u0022x\\u0022"}`, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom'), 'Content-Type': 'application/json' },
    tags: { name: 'buy */ it:now' },
    timeout: '5s',
  });
  check(response, {
    'status is 2xx': (r) => (r.status >= 200 && r.status <= 299),
  }, { name: 'buy */ it:now' });
  return true;
}

/** GET /thanks @param {Values} vars @param {Rows} rows */
function getThanks(vars, rows) {
  http.request('GET', `${BASE_URL}/thanks`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'GET /thanks' },
    timeout: '5s',
  });
  return true;
}

/** GET /help @param {Values} vars @param {Rows} rows */
function getHelp(vars, rows) {
  http.request('GET', `${BASE_URL}/help`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'GET /help' },
    timeout: '5s',
  });
  return true;
}

/** GET /a @param {Values} vars @param {Rows} rows */
function getA(vars, rows) {
  http.request('GET', `${BASE_URL}/a`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'GET /a' },
    timeout: '5s',
  });
  return true;
}

/** GET /b @param {Values} vars @param {Rows} rows */
function getB(vars, rows) {
  http.request('GET', `${BASE_URL}/b`, null, {
    headers: { Authorization: `Bearer ${vars.token}`, 'X-Client': (__ENV.CLIENT || 'headroom') },
    tags: { name: 'GET /b' },
    timeout: '5s',
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

/** As JSON: a number, true, false or null where it is one, otherwise a string. @param {string} text */
function plain(text) {
  if (text === '' || text === '~') return 'null';
  return /^(null|true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)$/.test(text) ? text : JSON.stringify(text);
}

/** @param {string} text */
function base64(text) {
  return encoding.b64encode(text);
}

/** A whole number, both ends included. @param {number} min @param {number} max */
function randomInt(min, max) {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** A version 4 UUID (RFC 9562). */
function uuid() {
  return 'xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx'.replace(/[xy]/g, (letter) => {
    const digit = Math.floor(Math.random() * 16);
    return (letter === 'x' ? digit : (digit & 3) | 8).toString(16);
  });
}

/** Seconds of a uniform think time. @param {number} min @param {number} max */
function between(min, max) {
  return min + (max - min) * Math.random();
}

/** Seconds of an exponential think time, at most twenty times its mean. @param {number} mean */
function exponential(mean) {
  return mean * Math.min(20, -Math.log(1 - Math.random()));
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
  const file = __ENV.SUMMARY || 'everything.summary.json';
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
