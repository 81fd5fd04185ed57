import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 256 bits that nobody guesses, in letters that a URL may hold. */
export function createSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** As GitHub and many others sign: https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries */
export function sign(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

/** Takes as long for a signature that is nearly right as for one that is all wrong. */
export function isSigned(secret: string, body: string, signature: string): boolean {
  const expected = Buffer.from(sign(secret, body));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Stands in for an id, for senders that give none. */
export function digest(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}
