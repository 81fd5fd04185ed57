import type { App, Request } from './fastify.ts';
import { type Access, type GuardSettings, judge, type Verdict } from './guard.ts';
import type { Metrics } from './metrics.ts';
import { addRateLimit, perMinute } from './rate-limit.ts';
import { Refusal } from './refusal.ts';

/** Failed logins and tokens from one address in a minute. */
const failuresPerMinute = 30;

/** Asks the guard before anything of a request's body is read. */
export async function addEntrance(
  app: App,
  settings: GuardSettings,
  metrics: Metrics,
  requestsPerMinute: number,
): Promise<void> {
  // Before the limiter's own hook of this kind, which reads what this one writes.
  app.addHook('onRoute', (route) => {
    const access = route.config?.access ?? 'control';
    const isLimited = access === 'control' || access === 'login' || (access === 'chat' && !settings.isLoopback);
    if (isLimited) route.config = { ...route.config, rateLimit: perMinute(requestsPerMinute) };
  });

  const limits = await addRateLimit(app, { requestsPerMinute, failuresPerMinute });

  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return;
    const { access = 'control' } = request.routeOptions.config;
    try {
      decide(request, access, settings);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      metrics.requestRefused(error.code);
      if (error.code === 'TOKEN_MISSING' && access === 'page') {
        return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`);
      }
      // The right token passes however often others failed: behind a proxy all callers share one address, and a stranger
      // must not be able to lock the owner out. Guessing 128 bits and more is hopeless at any pace.
      if (error.code === 'TOKEN_WRONG') await limits.countFailure(request);
      throw error;
    }
  });
}

/** Throws a {@link Refusal} unless the caller may pass. */
export function decide(request: Request, access: Access, settings: GuardSettings): void {
  const { headers } = request;
  const verdict: Verdict = judge(
    {
      host: headers.host,
      origin: headers.origin,
      fetchSite: first(headers['sec-fetch-site']),
      authorization: headers.authorization,
      cookie: request.cookies[settings.token.cookieName],
    },
    access,
    settings,
  );
  if (verdict.pass) return;
  const challenge = { 'www-authenticate': 'Bearer realm="clay"' };
  const isTokenProblem = verdict.code === 'TOKEN_MISSING' || verdict.code === 'TOKEN_WRONG';
  throw new Refusal(verdict.code, verdict.message, isTokenProblem ? challenge : {});
}

function first(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
