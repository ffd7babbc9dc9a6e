export class SharedArray {
  constructor(name, make) {
    const rows = make();
    if (typeof name !== 'string' || !Array.isArray(rows)) throw new TypeError('SharedArray takes a name and a function that makes an array');
    // As in k6: what is taken out of it is a copy.
    return new Proxy(rows, { get: (target, key) => (typeof key === 'string' && /^\d+$/.test(key) ? structuredClone(target[key]) : target[key]) });
  }
}
