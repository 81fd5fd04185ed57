/** `chat`: talk, as the subject only; `debug`: look inside; `admin`: everything, as anybody. */
export const scopes = ['chat', 'debug', 'admin'] as const;

export type Scope = (typeof scopes)[number];

/** What a signed token says, once its signature, audience and times were found good. */
export interface Claims {
  /** The token's own name, by which it can be revoked. */
  readonly id: string;
  /** Whose token it is: the user that a chat is held as. */
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** Whether what a caller shows is a signed token, and not the claw's own. */
export function readSignedToken(text: string | undefined): string | null {
  return text === undefined || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text) ? null : text;
}

export function hasScope(claims: Claims, scope: Scope): boolean {
  return claims.scopes.has(scope) || claims.scopes.has('admin');
}

export function parseScopes(text: unknown): ReadonlySet<Scope> {
  const named = typeof text === 'string' ? text.split(' ') : [];
  return new Set(scopes.filter((scope) => named.includes(scope)));
}
