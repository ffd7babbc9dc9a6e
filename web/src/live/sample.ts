/** What the server says of one second; src/Optimize/Headroom.Telemetry/LivePage/LiveSample.cs writes it. */
export interface LiveSample {
  at: number;
  seconds: number;
  requests: { perSecond: number; active: number | null; p50Ms: number | null; p95Ms: number | null; p99Ms: number | null; errorRate: number | null };
  caches: { name: string; perSecond: number; hitRate: number | null }[];
  limits: { policy: string; allowedPerSecond: number; blockedPerSecond: number }[];
  runtime: {
    cpuCores: number | null;
    memoryBytes: number | null;
    heapBytes: number | null;
    allocatedPerSecond: number | null;
    gcPauseShare: number | null;
    collections: number[];
    poolThreads: number | null;
    poolQueue: number | null;
  };
  database: { perSecond: number; p95Ms: number | null; poolUsed: number | null; poolMax: number | null };
  endpoints: { method: string; route: string; perSecond: number; meanMs: number; p95AtMostMs: number | null; errorRate: number }[];
}

/** Five minutes, as many as the server keeps for whoever joins. */
export const KeptMost = 300;

/** The samples to draw, the newest last. After a lost connection the server sends those again that it has kept. */
export class History {
  readonly samples: LiveSample[] = [];

  /** Whether it is new. */
  add(sample: LiveSample): boolean {
    const newest = this.samples.at(-1);
    if (newest !== undefined && sample.at <= newest.at) return false;
    this.samples.push(sample);
    if (this.samples.length > KeptMost) this.samples.shift();
    return true;
  }
}

/** Over all caches; null in a second without a look-up. */
export function hitRate(sample: LiveSample): number | null {
  let lookups = 0;
  let hits = 0;
  for (const cache of sample.caches) {
    lookups += cache.perSecond;
    hits += cache.perSecond * (cache.hitRate ?? 0);
  }
  return lookups > 0 ? hits / lookups : null;
}

/** Over all limits; null in a second in which none was asked. */
export function blockRate(sample: LiveSample): number | null {
  let all = 0;
  let blocked = 0;
  for (const limit of sample.limits) {
    all += limit.allowedPerSecond + limit.blockedPerSecond;
    blocked += limit.blockedPerSecond;
  }
  return all > 0 ? blocked / all : null;
}
