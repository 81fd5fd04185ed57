import type { Clock } from '@clay/sdk';
import type { JWTVerifyGetKey, JWTVerifyOptions } from 'jose';
import type { PublicKeys } from '../../config/public-keys.ts';
import { Refusal } from '../refusal.ts';
import { type Claims, parseScopes } from './claims.ts';
import type { Revocations } from './revocations.ts';
import { SpentTokens } from './spent-tokens.ts';

/** Finds out what a signed token says. */
export interface TokenVerifier {
  /** @throws Refusal with the reason */
  verify(token: string): Promise<Claims>;
  /** Uses a token up, where it is good for one request. @throws Refusal */
  spend(claims: Claims): void;
}

/** Clocks of two machines differ. */
const skewSeconds = 30;
/** A token is for minutes: one that says otherwise is refused all the same. */
export const longestSeconds = 600;
/** How long fetched keys are good for; a token of a key that is not among them makes the claw ask at once. */
const keysMs = 10 * 60_000;
/** Between two such questions, so that garbage does not make the claw ask the world for keys. */
const cooldownMs = 10_000;
const fetchMs = 5000;

export interface TokenVerifierParts {
  readonly keys: PublicKeys;
  readonly audience: string;
  readonly issuer: string | null;
  readonly revocations: Revocations;
  readonly clock: Clock;
}

/** Tokens of RFC 7519, signed by Ed25519 (RFC 8037), made for this claw alone. */
export async function createTokenVerifier(parts: TokenVerifierParts): Promise<TokenVerifier> {
  const { audience, issuer, revocations, clock } = parts;
  const spent = new SpentTokens(clock);
  const jose = await import('jose');
  const keys: JWTVerifyGetKey =
    parts.keys.kind === 'address'
      ? jose.createRemoteJWKSet(new URL(parts.keys.url), {
          cacheMaxAge: keysMs,
          cooldownDuration: cooldownMs,
          timeoutDuration: fetchMs,
        })
      : jose.createLocalJWKSet({ keys: [...parts.keys.keys] });

  async function check(token: string) {
    const options: JWTVerifyOptions = {
      algorithms: ['EdDSA', 'Ed25519'],
      audience,
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
      maxTokenAge: longestSeconds,
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      ...(issuer === null ? {} : { issuer }),
    };
    try {
      return (await jose.jwtVerify(token, keys, options)).payload;
    } catch (error) {
      // Keys without names: whichever of them fits.
      if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
      for await (const key of error) {
        try {
          return (await jose.jwtVerify(token, key, options)).payload;
        } catch (mismatch) {
          if (!(mismatch instanceof jose.errors.JWSSignatureVerificationFailed)) throw mismatch;
        }
      }
      throw new jose.errors.JWSSignatureVerificationFailed();
    }
  }

  return {
    spend: (claims) => spent.spend(claims),
    async verify(token) {
      const payload = await check(token).catch((error: unknown) => {
        throw explain(error, jose.errors);
      });
      const { jti = '', sub = '', iat = 0, exp = 0, scope } = payload;
      const claims = {
        id: jti,
        subject: sub,
        scopes: parseScopes(scope),
        issuedAt: iat * 1000,
        expiresAt: exp * 1000,
      };
      if (revocations.covers(claims)) throw new Refusal('TOKEN_WRONG', 'This token was revoked. Ask for another one.');
      return claims;
    },
  };
}

function explain(error: unknown, errors: typeof import('jose').errors): Error {
  if (!(error instanceof errors.JOSEError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new Refusal('KEYS_UNREACHABLE', `The keys that tokens are signed by could not be fetched: ${reason}.`, {
      'retry-after': '5',
    });
  }
  if (error instanceof errors.JWKSTimeout)
    return new Refusal('KEYS_UNREACHABLE', 'The keys that tokens are signed by could not be fetched in time.', {
      'retry-after': '5',
    });
  if (error instanceof errors.JWTExpired)
    return new Refusal('TOKEN_WRONG', `The token is too old: ${error.message}. Ask for another one.`);
  return new Refusal('TOKEN_WRONG', `The token is refused: ${error.message}.`);
}
