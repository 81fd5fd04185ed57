import { ClayError, type ErrorCode } from '@clay/sdk';
import { StarlarkError } from 'starlark-js';
import { findCause } from './find-cause.ts';
import { renderOwnError } from './own-backtrace.ts';

/** What a script failed with, for its caller: the message first, then every open call with file and line, and the output so far. */
export function scriptFailure(error: unknown, subject: string, output: string, phase = 'run'): ClayError {
  const kept = { phase, cause: error, ...(output === '' ? {} : { output }) };
  if (!(error instanceof StarlarkError)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ClayError(error instanceof ClayError ? error.code : 'INTERNAL', `${subject}: ${message}`, kept);
  }
  return new ClayError(codeOf(error), `${subject}: ${error.message}\n${renderOwnError(error)}`, kept);
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
