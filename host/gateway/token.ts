import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** The claw's control token, and how it is recognised in constant time. */
export interface Token {
  readonly value: string;
  readonly isBearer: (authorization: string) => boolean;
  /** Whether a cookie's value was made from this token. */
  readonly isCookie: (value: string) => boolean;
  /** Name of the cookie: cookies ignore ports, so that two claws on one machine need two names. */
  readonly cookieName: string;
  /** Of the cookie that holds a signed token. */
  readonly sessionCookieName: string;
  /** The cookie's value; it cannot be turned back into the token. */
  readonly cookieValue: string;
}

export function createToken(value: string): Token {
  const expected = digest('token', value);
  const cookieValue = digest('cookie', value).toString('base64url');
  const expectedCookie = digest('token', cookieValue);
  const cookieName = `clay_${digest('name', value).toString('hex').slice(0, 8)}`;
  return {
    value,
    isBearer: (authorization) => {
      const found = /^Bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '';
      return timingSafeEqual(digest('token', found), expected);
    },
    isCookie: (candidate) => timingSafeEqual(digest('token', candidate), expectedCookie),
    cookieName,
    sessionCookieName: `${cookieName}_session`,
    cookieValue,
  };
}

/** Digests have one length, which {@link timingSafeEqual} needs, and say nothing of the token's. */
function digest(purpose: string, value: string): Buffer {
  return createHash('sha256').update(`clay ${purpose}\n${value}`).digest();
}

/** 256 random bits. */
export function makeTokenValue(): string {
  return randomBytes(32).toString('base64url');
}
