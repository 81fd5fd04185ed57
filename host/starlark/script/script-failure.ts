import { ClayError, type ErrorCode } from '@clay/sdk';
import { StarlarkError } from 'starlark-js';
import { findCause } from './find-cause.ts';
import { isDeliberate, ownMessage, renderOwnCalls } from './own-backtrace.ts';

export interface FailureContext {
  /** What failed, in front of the message. */
  readonly subject: string;
  readonly phase: 'load' | 'run';
  /** What was printed so far: it is never dropped. */
  readonly output?: string;
  /** Of whoever ended the call: a deadline is no cancel. */
  readonly endedBy?: ErrorCode | undefined;
}

/** What a script failed with, for its caller: the message first, then every open call with file and line; one that calls `fail` itself is a `CONFLICT`. */
export function scriptFailure(error: unknown, { subject, phase, output = '', endedBy }: FailureContext): ClayError {
  const kept = { phase, cause: error, ...(output === '' ? {} : { output }) };
  if (!(error instanceof StarlarkError)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ClayError(error instanceof ClayError ? error.code : 'INTERNAL', `${subject}: ${message}`, kept);
  }
  const message = ownMessage(error);
  if (phase === 'run' && endedBy === undefined && isDeliberate(error))
    return new ClayError('CONFLICT', refusal(error, subject), kept);
  const calls = renderOwnCalls(error);
  return new ClayError(endedBy ?? codeOf(error), `${subject}: ${message}${calls === '' ? '' : `\n${calls}`}`, kept);
}

/** What a script refuses to do is no bug of it: its words, and where they stand. */
function refusal(error: StarlarkError, subject: string): string {
  const { file, line } = error.backtrace.at(-1)!;
  const told = `${ownMessage(error)} (${file}:${line})`;
  return subject === file ? told : `${subject}: ${told}`;
}

function codeOf(error: StarlarkError): ErrorCode {
  const refused = findCause(error, ClayError);
  if (refused !== null) return refused.code;
  switch (error.code) {
    case 'CANCELLED':
      return 'CANCELLED';
    case 'LIMIT_TIME':
    case 'LIMIT_STEPS':
      return 'TIMEOUT';
    case 'LIMIT_BYTES':
    case 'LIMIT_DEPTH':
    case 'LIMIT_OUTPUT':
    case 'SIZE':
      return 'TOO_LARGE';
    default:
      return 'INTERNAL';
  }
}
