// Enough of k6 to run an exported script once through: https://grafana.com/docs/k6/latest/javascript-api/k6/
export const checked = [];

export const slept = [];

export function check(value, conditions, tags = {}) {
  let all = true;
  for (const [name, condition] of Object.entries(conditions)) {
    const passes = Boolean(condition(value));
    checked.push({ name, request: tags.name, passes });
    all &&= passes;
  }
  return all;
}

export function sleep(seconds) {
  if (typeof seconds !== 'number' || !(seconds >= 0)) throw new TypeError(`sleep(${seconds})`);
  slept.push(seconds);
}
