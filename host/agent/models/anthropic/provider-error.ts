import { ModelError, type ModelErrorCode } from '../model-error.ts';
import { APIConnectionError, APIConnectionTimeoutError, APIError } from './sdk.ts';

/** What a failed call means. `address` is the endpoint, for the operator. */
export function toProviderError(thrown: unknown, address: string): ModelError {
  if (thrown instanceof ModelError) return thrown;
  // The SDK wraps whatever its `fetch` throws.
  if (thrown instanceof Error && thrown.cause instanceof ModelError) return thrown.cause;
  const cause = causeOf(thrown);
  if (thrown instanceof APIConnectionTimeoutError) {
    return new ModelError('MODEL_TIMEOUT', { details: `${address}: ${cause}`, isRetryable: true, cause: thrown });
  }
  if (thrown instanceof APIConnectionError) {
    return new ModelError('MODEL_UNREACHABLE', { details: `${address}: ${cause}`, isRetryable: true, cause: thrown });
  }
  if (thrown instanceof APIError) return statusError(thrown, address);
  return new ModelError('MODEL_CUT', { details: `${address}: ${cause}`, isRetryable: true, cause: thrown });
}

function statusError(error: InstanceType<typeof APIError>, address: string): ModelError {
  const { type, message } = providerWords(error);
  const { code, isRetryable } = classify(error.status, type, message);
  const retryAfterMs = retryAfter(error.headers);
  return new ModelError(code, {
    details: `${address}: ${[error.status, type, message].filter(Boolean).join(' ')}`,
    isRetryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: error,
  });
}

function classify(status: number | undefined, type: string, message: string) {
  const is = (code: ModelErrorCode, isRetryable = false) => ({ code, isRetryable });
  if (
    /prompt is too long|context (length|window)|too many (input )?tokens|maximum context|exceeds? (the )?max(imum)? (length|input)/i.test(
      message,
    )
  ) {
    return is('MODEL_CONTEXT_TOO_LONG');
  }
  if (type === 'overloaded_error' || status === 529 || status === 503) return is('MODEL_OVERLOADED', true);
  if (type === 'rate_limit_error' || status === 429) return is('MODEL_RATE_LIMIT', true);
  if (type === 'billing_error' || status === 402) return is('MODEL_BILLING');
  if (type === 'authentication_error' || status === 401) return is('MODEL_AUTH');
  if (type === 'permission_error' || status === 403) return is('MODEL_FORBIDDEN');
  if (type === 'not_found_error' || status === 404) return is('MODEL_NOT_FOUND');
  if (type === 'request_too_large' || status === 413) return is('MODEL_CONTEXT_TOO_LONG');
  if (type === 'invalid_request_error') return is('MODEL_BAD_REQUEST');
  if (status === 408 || status === 409 || type === 'timeout_error') return is('MODEL_TIMEOUT', true);
  if (type === 'api_error' || status === undefined || status >= 500) return is('MODEL_UNAVAILABLE', true);
  return is('MODEL_BAD_REQUEST');
}

function providerWords({ error, message }: InstanceType<typeof APIError>): { type: string; message: string } {
  const body = error as { error?: { type?: unknown; message?: unknown } } | undefined;
  const type = typeof body?.error?.type === 'string' ? body.error.type : '';
  return { type, message: typeof body?.error?.message === 'string' ? body.error.message : message };
}

function retryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number(headers?.get('retry-after-ms') || Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const value = headers?.get('retry-after');
  if (!value) return undefined;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return waitMs >= 0 ? waitMs : undefined;
}

/** The innermost message: that is where Node says `ECONNREFUSED 127.0.0.1:1`. */
function causeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.cause instanceof Error) return causeOf(thrown.cause);
  const inner = thrown instanceof AggregateError ? thrown.errors[0] : undefined;
  const code = (thrown as NodeJS.ErrnoException).code;
  const message = thrown.message || (inner instanceof Error ? inner.message : '') || thrown.name;
  return code && !message.includes(code) ? `${code} ${message}` : message;
}
