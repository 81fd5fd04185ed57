import type { Json } from './json.ts';

/** Every error code that crosses the wire or reaches a model, and what it means. The one list. */
export const errorCodes = {
  BAD_ARGUMENTS: 'The arguments do not fit the schema.',
  NOT_FOUND: 'The named thing does not exist.',
  CONFLICT: 'The thing is not in a state that allows this.',
  REFUSED: 'Policy or permission does not allow this.',
  NEEDS_APPROVAL: 'A person has to say yes first.',
  BUDGET_SPENT: 'What the operator allows the model to cost is used up.',
  TOO_LARGE: 'A size limit was exceeded.',
  TIMEOUT: 'The deadline passed.',
  CANCELLED: 'The caller cancelled.',
  UNAVAILABLE: 'The provider of this capability is not running.',
  CAPABILITY_UNKNOWN: 'Nobody provides this capability.',
  CAPABILITY_UNDECLARED: 'The plugin did not declare that it uses this capability.',
  CALL_OUTCOME_UNKNOWN: 'The provider died after it had accepted the call; whether it took effect is unknown.',
  PLUGIN_QUARANTINED: 'The plugin crashed repeatedly and is held back.',
  NOT_CLONEABLE: 'A value that is not plain JSON was passed.',
  WIRE: 'A frame or message did not follow the protocol.',
  MODEL: 'The model provider failed.',
  INTERNAL: 'A bug: the handler threw.',
} as const;

/** One of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;

/** What an error keeps beside its code and message. */
export interface ErrorDetails {
  /** Where it happened: `setup`, `run`, `probe`, … */
  readonly phase?: string;
  /** Whatever had been produced before the failure; it is never dropped. */
  readonly output?: string;
  /** Of a command that could not be run to its end. A command that merely exits non-zero is a success. */
  readonly exitCode?: number;
  /** Further fields that help the reader. */
  readonly data?: Json;
  readonly cause?: unknown;
}

/**
 * The one error class of Clay: a code from {@link errorCodes}, a message for a reader who is a model, and what was produced.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ClayError, toFailure } from '@clay/sdk';
 *
 * const error = new ClayError('NOT_FOUND', 'There is no task 7. Open tasks are 1, 2 and 5.', { output: 'looked through 5 tasks' });
 * assert.deepEqual(toFailure(error), {
 *   error: 'There is no task 7. Open tasks are 1, 2 and 5.',
 *   code: 'NOT_FOUND',
 *   output: 'looked through 5 tasks',
 * });
 * ```
 */
export class ClayError extends Error {
  override readonly name = 'ClayError';
  readonly code: ErrorCode;
  readonly details: Omit<ErrorDetails, 'cause'>;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    const { cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = rest;
  }
}

/** A failure as the model and the wire see it (DESIGN, Tool results). */
export interface Failure {
  readonly error: string;
  readonly code: ErrorCode;
  readonly phase?: string;
  readonly output?: string;
  readonly exitCode?: number;
  readonly data?: Json;
}

/** Turns anything thrown into a {@link Failure}; what is not a {@link ClayError} is `INTERNAL`, or `CANCELLED` for an abort. */
export function toFailure(thrown: unknown): Failure {
  if (thrown instanceof ClayError) return { error: thrown.message, code: thrown.code, ...thrown.details };
  if (thrown instanceof Error) {
    if ('code' in thrown && thrown.code === 'ERR_ACCESS_DENIED') return deniedFailure(thrown);
    const code = thrown.name === 'AbortError' ? 'CANCELLED' : thrown.name === 'TimeoutError' ? 'TIMEOUT' : 'INTERNAL';
    return { error: thrown.message || thrown.name, code };
  }
  return { error: String(thrown), code: 'INTERNAL' };
}

/** What a process without the permission gets from Node itself. */
function deniedFailure(thrown: Error & { permission?: unknown; resource?: unknown }): Failure {
  const resource = thrown.resource ? ` of ${thrown.resource}` : '';
  const what = `${thrown.permission ?? 'an access'}${resource}`;
  return {
    error: `This plugin has no permission for ${what}. Declare it in "permissions" of plugin.json; what Node has no narrow grant for (network, programs) goes by ctx.http and the host's capabilities.`,
    code: 'REFUSED',
  };
}

/** The error that a {@link Failure} from the wire stands for: `toFailure` undone. */
export function fromFailure(failure: Failure): ClayError {
  const { error, code, ...details } = failure;
  return new ClayError(code, error, details);
}
