// node run.js SCRIPT: setup, the iterations of each scenario one after another, teardown, summary; what was checked goes to standard output as JSON.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checked, slept } from 'k6';
import exec from 'k6/execution';
import { counted } from 'k6/metrics';

const IterationsOfOthers = 5;
const path = resolve(process.argv[2]);
globalThis.__ENV = process.env;
globalThis.open = (file, mode) => {
  const bytes = readFileSync(resolve(dirname(path), file));
  return mode === 'b' ? new Uint8Array(bytes).buffer : bytes.toString('utf8');
};

const script = await import(pathToFileURL(path).href);
const data = script.setup ? JSON.parse(JSON.stringify(script.setup())) : undefined;
for (const [name, scenario] of Object.entries(script.options.scenarios)) {
  if (name.endsWith('_warmup')) continue;
  const vus = scenario.executor === 'per-vu-iterations' ? scenario.vus : 1;
  let iteration = 0;
  for (let vu = 1; vu <= vus; vu++) {
    for (let own = 0; own < (scenario.iterations || IterationsOfOthers); own++) {
      Object.assign(exec.vu, { idInTest: vu, iterationInScenario: own });
      exec.scenario.iterationInTest = iteration++;
      script[scenario.exec](data);
    }
  }
}
if (script.teardown) script.teardown(data);

const values = { count: 1, rate: 1, passes: 0, 'p(95)': 1, 'p(99)': 2 };
const metrics = Object.fromEntries(Object.entries(script.options.thresholds).map(([name, conditions]) => [name, { values, thresholds: Object.fromEntries(conditions.map((condition) => [condition.threshold || condition, { ok: true }])) }]));
const summary = script.handleSummary({ metrics, setup_data: { token: 'secret' }, state: { testRunDurationMs: 1 } });
console.log(JSON.stringify({ checked, slept, counted, summary }));
process.exit(0);
