import type { Request } from '../fastify.ts';
import { Refusal } from '../refusal.ts';
import { hasScope } from './claims.ts';

/** The only user that the caller may act as; null: any. */
export function subjectOf({ claims }: Request): string | null {
  return claims === null || hasScope(claims, 'admin') ? null : claims.subject;
}

/** A signed token speaks for its subject: in the address or in the body, no other user may be named. */
export function checkSubject(request: Request): void {
  const subject = subjectOf(request);
  if (subject === null) return;
  for (const named of namedUsers(request)) {
    if (named === subject) continue;
    throw new Refusal(
      'SUBJECT_FOREIGN',
      `The token speaks for the user ${JSON.stringify(subject)}, not for ${JSON.stringify(named.slice(0, 80))}.`,
    );
  }
}

function* namedUsers({ params, body }: Request): Generator<string> {
  for (const [fields, names] of [
    [params, ['user']],
    [body, ['userId', 'user_id']],
  ] as const) {
    if (typeof fields !== 'object' || fields === null) continue;
    for (const name of names) {
      const value = (fields as Readonly<Record<string, unknown>>)[name];
      if (typeof value === 'string' || typeof value === 'number') yield String(value);
    }
  }
}
