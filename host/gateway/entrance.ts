import type { App, Request } from './fastify.ts';
import { type Access, type Caller, type GuardSettings, judge } from './guard.ts';
import type { Metrics } from './metrics.ts';
import { addRateLimit, perMinute } from './rate-limit.ts';
import { Refusal } from './refusal.ts';

/** Failed logins and tokens from one address in a minute. */
const failuresPerMinute = 30;

export interface Entrance {
  /** Throws a {@link Refusal} unless the caller may pass. */
  admit(request: Request, access: Access): Promise<void>;
  /** Counts a refusal, and throws it; whoever guesses tokens is told to wait. */
  refuse(request: Request, refusal: Refusal): Promise<never>;
}

/** Asks the guard before anything of a request's body is read. */
export async function addEntrance(
  app: App,
  settings: GuardSettings,
  metrics: Metrics,
  requestsPerMinute: number,
): Promise<Entrance> {
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
      await admit(request, access);
    } catch (error) {
      const isGuest = error instanceof Refusal && error.code === 'TOKEN_MISSING' && access === 'page';
      if (!isGuest) throw error;
      return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`);
    }
  });

  return { admit, refuse };

  async function admit(request: Request, access: Access): Promise<void> {
    const verdict = judge(describeCaller(request, settings), access, settings);
    if (verdict.pass) return;
    const isTokenProblem = verdict.code === 'TOKEN_MISSING' || verdict.code === 'TOKEN_WRONG';
    const headers: Record<string, string> = isTokenProblem ? { 'www-authenticate': 'Bearer realm="clay"' } : {};
    await refuse(request, new Refusal(verdict.code, verdict.message, headers));
  }

  async function refuse(request: Request, refusal: Refusal): Promise<never> {
    metrics.requestRefused(refusal.code);
    // The right token passes however often others failed: behind a proxy all callers share one address, and a stranger
    // must not be able to lock the owner out. Guessing a token of 16 characters and more is hopeless at any pace.
    if (refusal.code === 'TOKEN_WRONG') await limits.countFailure(request);
    throw refusal;
  }
}

function describeCaller({ headers, cookies }: Request, { token }: GuardSettings): Caller {
  return {
    host: headers.host,
    origin: headers.origin,
    fetchSite: first(headers['sec-fetch-site']),
    authorization: headers.authorization,
    cookie: cookies[token.cookieName],
  };
}

function first(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
