import { ClayError } from '@clay/sdk';

/** Stable codes of model failures, and what each says to the person. */
export const modelErrorMessages = {
  MODEL_AUTH: 'The model provider does not accept the API key. Ask the operator to check it.',
  MODEL_FORBIDDEN: 'The model provider refuses this request with this API key.',
  MODEL_BILLING: 'The account at the model provider has no credit left.',
  MODEL_NOT_FOUND: 'The model provider does not know this model or address.',
  MODEL_RATE_LIMIT: 'The model provider asks us to slow down. Please try again in a little while.',
  MODEL_OVERLOADED: 'The model provider is overloaded. Please try again in a little while.',
  MODEL_UNAVAILABLE: 'The model provider has a problem of its own. Please try again in a little while.',
  MODEL_CONTEXT_TOO_LONG: 'The conversation has become too long for the model.',
  MODEL_BAD_REQUEST: 'The model provider did not understand the request.',
  MODEL_UNREACHABLE: 'The model provider cannot be reached.',
  MODEL_CUT: 'The connection to the model provider broke in the middle of the answer.',
  MODEL_TIMEOUT: 'The model provider did not answer in time.',
  MODEL_BAD_ANSWER: 'The model provider answered something that cannot be read.',
  MODEL_EMPTY: 'The model gave an empty answer.',
  MODEL_CALL_LIMIT: 'I stopped here: this turn has used up its model calls.',
  BUDGET_SPENT: 'What I may cost is used up.',
  MODEL_FAILED: 'The model call failed.',
} as const;

export type ModelErrorCode = keyof typeof modelErrorMessages;

export interface ModelErrorOptions {
  /** For the operator: status, the provider's own words, the address. */
  readonly details: string;
  /** For the person. Default: the one of the code. */
  readonly message?: string;
  /** Whether the same request may succeed later. Default false. */
  readonly isRetryable?: boolean;
  /** What the provider asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;
  readonly details: string;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ModelErrorCode, options: ModelErrorOptions) {
    super(
      options.message ?? modelErrorMessages[code],
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.details = options.details;
    this.isRetryable = options.isRetryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The same failure without a secret that the provider may have repeated: details are shown and stored. */
export function withoutSecret(error: ModelError, secret: string): ModelError {
  if (secret === '' || !error.details.includes(secret)) return error;
  const { isRetryable, retryAfterMs, cause } = error;
  return new ModelError(error.code, {
    details: error.details.replaceAll(secret, '[hidden]'),
    isRetryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause,
  });
}

export function toModelError(thrown: unknown): ModelError {
  if (thrown instanceof ModelError) return thrown;
  if (thrown instanceof ClayError && thrown.code === 'BUDGET_SPENT') {
    return new ModelError('BUDGET_SPENT', { message: thrown.message, details: JSON.stringify(thrown.details) });
  }
  const details = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return new ModelError('MODEL_FAILED', { details, cause: thrown });
}
