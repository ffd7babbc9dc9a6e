// Sums of counters, by their names.
export const counted = {};

export class Counter {
  constructor(name, isTime) {
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name) || typeof isTime !== 'boolean') throw new TypeError(`new Counter(${name}, ${isTime})`);
    this.name = name;
    counted[name] = 0;
  }

  add(value) {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new TypeError(`add(${value})`);
    counted[this.name] += value;
  }
}
