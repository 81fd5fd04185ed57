import type { RateLimitOptions } from '@fastify/rate-limit';
import type { App, Request } from './fastify.ts';
import { Refusal } from './refusal.ts';

export interface RateLimits {
  readonly requestsPerMinute: number;
  readonly failuresPerMinute: number;
}

export interface RateLimit {
  /** Throws `RATE_LIMITED` when this address failed too often. */
  countFailure(request: Request): Promise<void>;
}

const minuteMs = 60_000;
/** Addresses remembered at once; the least recent is forgotten. */
const addresses = 5000;

/** For the `rateLimit` of a route's config. */
export function perMinute(max: number): RateLimitOptions {
  return { max, timeWindow: minuteMs };
}

/** Limits by address. Routes opt in by their config. */
export async function addRateLimit(app: App, limits: RateLimits): Promise<RateLimit> {
  const { default: rateLimit } = await import('@fastify/rate-limit');
  await app.register(rateLimit, {
    global: false,
    cache: addresses,
    errorResponseBuilder: (_request, context) => refuse(limits.requestsPerMinute, 'requests', context.ttl),
  });
  const failures = app.createRateLimit({ max: limits.failuresPerMinute, timeWindow: minuteMs });
  return {
    async countFailure(request) {
      const state = await failures(request);
      if (!state.isAllowed && state.isExceeded) {
        throw refuse(limits.failuresPerMinute, 'failed attempts', state.ttl);
      }
    },
  };
}

function refuse(limit: number, what: string, ttlMs: number): Refusal {
  const seconds = Math.max(1, Math.ceil(ttlMs / 1000));
  const message = `More than ${limit} ${what} from this address in a minute. Wait ${seconds} s.`;
  return new Refusal('RATE_LIMITED', message, { 'retry-after': String(seconds) });
}
