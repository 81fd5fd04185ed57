import { type Claims, hasScope, type Scope } from './auth/claims.ts';
import type { Token } from './token.ts';

/**
 * `open`: anyone. `login`: anyone but a page of another site. `chat`: whoever reaches a loopback listener of a
 * machine that nobody else uses, and the token elsewhere. `debug`: as `chat`, but a signed token needs that scope. `page`: as `debug`, and other sites may link to it.
 * `control`: the token always.
 */
export type Access = 'open' | 'login' | 'page' | 'chat' | 'debug' | 'control';

/** What a signed token has to say for each. */
const scopeOf = { page: 'debug', chat: 'chat', debug: 'debug', control: 'admin' } as const satisfies Partial<
  Record<Access, Scope>
>;

/** What of a request decides who may pass. */
export interface Caller {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** Of the signed token in the header, where there is one and it was found good. */
  readonly claims?: Claims | undefined;
  /** Of the signed token that was traded for a cookie. */
  readonly session?: Claims | undefined;
}

export interface GuardSettings {
  /** Whether the listener can be reached from this machine only. */
  readonly isLoopback: boolean;
  /** Others than the claw's person use this machine, such as its own shell as a second user: loopback says nothing. */
  readonly isShared: boolean;
  readonly token: Token;
}

export type Verdict =
  | { readonly pass: true }
  | { readonly pass: false; readonly code: GuardCode; readonly message: string };

export type GuardCode = 'HOST_UNKNOWN' | 'ORIGIN_FOREIGN' | 'TOKEN_MISSING' | 'TOKEN_WRONG' | 'SCOPE_MISSING';

const passed: Verdict = { pass: true };

/**
 * Decides whether a request may pass. A page in the user's browser is told by its `Origin` and `Sec-Fetch-Site`, and a
 * name that was rebound to 127.0.0.1 by its `Host`. Whoever sends the token itself is no such page.
 */
export function judge(caller: Caller, access: Access, settings: GuardSettings): Verdict {
  if (access === 'open') return passed;
  const { token, isLoopback, isShared } = settings;
  if (caller.claims !== undefined) return judgeScope(caller.claims, access);
  if (caller.authorization !== undefined) {
    if (token.isBearer(caller.authorization)) return passed;
    return refuse(
      'TOKEN_WRONG',
      'The header Authorization does not hold this claw’s token. Send "Authorization: Bearer TOKEN"; the token is CLAY_TOKEN, or stands in data/token.',
    );
  }
  if (isLoopback && !isLocalName(caller.host)) {
    return refuse(
      'HOST_UNKNOWN',
      `The header Host is ${show(caller.host)}, but this address serves localhost, 127.0.0.1 and [::1] only. Use one of them, or send "Authorization: Bearer TOKEN".`,
    );
  }
  if (access !== 'page' && isForeign(caller)) {
    return refuse(
      'ORIGIN_FOREIGN',
      `The header ${caller.origin === undefined ? `Sec-Fetch-Site is ${show(caller.fetchSite)}` : `Origin is ${show(caller.origin)}`}: a page of another site may not use this claw. Open the claw’s own address, or send "Authorization: Bearer TOKEN".`,
    );
  }
  if (access === 'login' || (access !== 'control' && isLoopback && !isShared)) return passed;
  // A page could be made to send a cookie: control wants a token that somebody meant to send, once.
  if (caller.session !== undefined && access !== 'control') return judgeScope(caller.session, access);
  if (caller.cookie === undefined) {
    return refuse(
      'TOKEN_MISSING',
      'This needs the token: send "Authorization: Bearer TOKEN", or log in at /login. The token is CLAY_TOKEN, or stands in data/token.',
    );
  }
  if (token.isCookie(caller.cookie)) return passed;
  return refuse('TOKEN_WRONG', 'The cookie does not belong to this claw’s token. Log in again at /login.');
}

function judgeScope(claims: Claims, access: Exclude<Access, 'open'>): Verdict {
  if (access === 'login' || hasScope(claims, scopeOf[access])) return passed;
  const held = claims.scopes.size === 0 ? 'none' : [...claims.scopes].join(' ');
  return refuse('SCOPE_MISSING', `This needs the scope "${scopeOf[access]}"; the token has ${held}.`);
}

function refuse(code: GuardCode, message: string): Verdict {
  return { pass: false, code, message };
}

function show(value: string | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value.slice(0, 100));
}

function isForeign(caller: Caller): boolean {
  if (caller.origin !== undefined) return hostOfOrigin(caller.origin) !== caller.host?.toLowerCase();
  return caller.fetchSite === 'cross-site' || caller.fetchSite === 'same-site';
}

function hostOfOrigin(origin: string): string | null {
  if (!URL.canParse(origin)) return null;
  const { protocol, host } = new URL(origin);
  return protocol === 'http:' || protocol === 'https:' ? host : null;
}

/** Whether a `Host` header names this machine, whatever the port: tunnels and containers map ports. */
export function isLocalName(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.toLowerCase().replace(/:\d{1,5}$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || name === '[::1]') return true;
  return isLoopbackAddress(name);
}

/** Whether an address to listen on can be reached from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  if (address === 'localhost' || address === '::1') return true;
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}
