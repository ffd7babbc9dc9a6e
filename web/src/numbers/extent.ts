/** Smallest and largest of a long list; spreading it over Math.max would end on the stack. Null when there is none. */
export function extent(values: Iterable<number | null | undefined>): { low: number; high: number } | null {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value === null || value === undefined) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return high === -Infinity ? null : { low, high };
}
