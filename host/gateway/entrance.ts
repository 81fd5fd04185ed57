import { type Claims, readSignedToken } from './auth/claims.ts';
import { checkSubject } from './auth/subject.ts';
import type { TokenVerifier } from './auth/token-verifier.ts';
import type { App, Request } from './fastify.ts';
import { type Access, type Caller, type GuardSettings, judge } from './guard.ts';
import type { Metrics } from './metrics.ts';
import { addRateLimit, perMinute } from './rate-limit.ts';
import { Refusal, type RefusalCode } from './refusal.ts';

/** Failed logins and tokens from one address in a minute. */
const failuresPerMinute = 30;

export interface Entrance {
  /** Throws a {@link Refusal} unless the caller may pass. */
  admit(request: Request, access: Access): Promise<void>;
  /** What a signed token says; null for what is none, or where nobody's are taken. Throws a {@link Refusal}. */
  readClaims(request: Request, text: string | undefined): Promise<Claims | null>;
  /** Counts a refusal, and throws it; whoever guesses tokens is told to wait. */
  refuse(request: Request, refusal: Refusal): Promise<never>;
}

export interface EntranceSettings extends GuardSettings {
  /** Null: no signed tokens are taken. */
  readonly verifier: TokenVerifier | null;
  readonly requestsPerMinute: number;
}

/** Asks the guard before anything of a request's body is read. */
export async function addEntrance(app: App, settings: EntranceSettings, metrics: Metrics): Promise<Entrance> {
  const { token, verifier, requestsPerMinute } = settings;
  // Before the limiter's own hook of this kind, which reads what this one writes.
  app.addHook('onRoute', (route) => {
    const access = route.config?.access ?? 'control';
    const isForGuests = access === 'open' || access === 'page';
    const isOwnChat = settings.isLoopback && (access === 'chat' || access === 'debug');
    if (!isForGuests && !isOwnChat) route.config = { ...route.config, rateLimit: perMinute(requestsPerMinute) };
  });

  const limits = await addRateLimit(app, { requestsPerMinute, failuresPerMinute });

  app.decorateRequest('claims', null);
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
  app.addHook('preHandler', async (request) => checkSubject(request));

  return { admit, readClaims, refuse };

  async function admit(request: Request, access: Access): Promise<void> {
    if (access === 'open') return;
    const claims = await readClaims(request, /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]);
    const session = claims === null ? await readSession(request) : null;
    const verdict = judge(describeCaller(request, claims, session), access, settings);
    if (!verdict.pass) return refuse(request, new Refusal(verdict.code, verdict.message));
    if (claims !== null && access === 'control') await spend(request, claims);
    request.claims = claims ?? session;
  }

  async function readClaims(request: Request, text: string | undefined): Promise<Claims | null> {
    const signed = readSignedToken(text);
    if (signed === null || verifier === null) return null;
    try {
      return await verifier.verify(signed);
    } catch (error) {
      if (error instanceof Refusal) return refuse(request, error);
      throw error;
    }
  }

  /** A cookie that is over says nothing: its owner is a guest again. */
  async function readSession(request: Request): Promise<Claims | null> {
    const signed = readSignedToken(request.cookies[token.sessionCookieName]);
    if (signed === null || verifier === null) return null;
    try {
      return await verifier.verify(signed);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'TOKEN_WRONG') return null;
      throw error;
    }
  }

  async function spend(request: Request, claims: Claims): Promise<void> {
    try {
      verifier?.spend(claims);
    } catch (error) {
      if (error instanceof Refusal) return refuse(request, error);
      throw error;
    }
  }

  async function refuse(request: Request, refusal: Refusal): Promise<never> {
    metrics.requestRefused(refusal.code);
    // The right token passes however often others failed: behind a proxy all callers share one address, and a stranger
    // must not be able to lock the owner out. Guessing a token of 16 characters and more is hopeless at any pace.
    if (refusal.code === 'TOKEN_WRONG') await limits.countFailure(request);
    throw wantsToken.has(refusal.code) ? refusal.with({ 'www-authenticate': 'Bearer realm="clay"' }) : refusal;
  }

  function describeCaller(request: Request, claims: Claims | null, session: Claims | null): Caller {
    const { headers, cookies } = request;
    return {
      host: headers.host,
      origin: headers.origin,
      fetchSite: first(headers['sec-fetch-site']),
      authorization: headers.authorization,
      cookie: cookies[token.cookieName],
      claims: claims ?? undefined,
      session: session ?? undefined,
    };
  }
}

const wantsToken = new Set<RefusalCode>(['TOKEN_MISSING', 'TOKEN_WRONG', 'TOKEN_SPENT']);

function first(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0];
}
