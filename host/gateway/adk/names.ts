import { ClayError } from '@clay/sdk';
import type { SessionKey } from '../../agent/agent-host.ts';

export interface SessionParams {
  readonly app: string;
  readonly user: string;
  readonly session: string;
}

const longest = 256;
const reserved = new Set(['__proto__', 'constructor', 'prototype']);

/** A name from outside, as it may be used for a user, a session or an artifact. */
export function checkName(what: string, value: string): string {
  const problem = findProblem(value);
  if (problem === null) return value;
  throw new ClayError(
    'BAD_ARGUMENTS',
    `The ${what} ${JSON.stringify(value.slice(0, 80))} ${problem}; choose another name.`,
  );
}

function findProblem(value: string): string | null {
  if (value === '') return 'is empty';
  if (value.length > longest) return `has ${value.length} characters, more than ${longest}`;
  if (reserved.has(value)) return 'is a reserved word of JavaScript';
  if (/\p{Cc}/u.test(value)) return 'has control characters in it';
  return null;
}

export function checkApp(app: string, known: string): string {
  if (app === known) return app;
  throw new ClayError('NOT_FOUND', `There is no app ${JSON.stringify(app.slice(0, 80))}; the only app is "${known}".`);
}

export function sessionKey(params: SessionParams, appName: string): SessionKey {
  return {
    app: checkApp(params.app, appName),
    user: checkName('user', params.user),
    id: checkName('session', params.session),
  };
}
