import { ClayError, type ErrorCode } from '@clay/sdk';

/** Why a request is refused before it reaches what it asked for, beside the codes of the SDK. The one list. */
export const refusalCodes = {
  HOST_UNKNOWN: 403,
  ORIGIN_FOREIGN: 403,
  TOKEN_MISSING: 401,
  TOKEN_WRONG: 401,
  TOKEN_SPENT: 401,
  SCOPE_MISSING: 403,
  SUBJECT_FOREIGN: 403,
  KEYS_UNREACHABLE: 503,
  RATE_LIMITED: 429,
  NOT_JSON: 415,
  BAD_JSON: 400,
  BAD_REQUEST: 400,
  /** 400 rather than 409: what clients of the ADK API know. */
  SESSION_EXISTS: 400,
  METHOD_NOT_ALLOWED: 405,
  DRAINING: 503,
} as const;

export type RefusalCode = keyof typeof refusalCodes;

const statusOfErrorCode: Record<ErrorCode, number> = {
  BAD_ARGUMENTS: 400,
  NOT_FOUND: 404,
  CONFLICT: 409,
  REFUSED: 403,
  NEEDS_APPROVAL: 403,
  BUDGET_SPENT: 402,
  TOO_LARGE: 413,
  TIMEOUT: 504,
  CANCELLED: 409,
  UNAVAILABLE: 503,
  CAPABILITY_UNKNOWN: 404,
  CAPABILITY_UNDECLARED: 403,
  CALL_OUTCOME_UNKNOWN: 502,
  PLUGIN_QUARANTINED: 503,
  NOT_CLONEABLE: 500,
  WIRE: 502,
  MODEL: 502,
  INTERNAL: 500,
};

/** A request that is not answered, with what to do instead. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = refusalCodes[code];
    this.headers = headers;
  }

  /** The same, with more headers. */
  with(headers: Readonly<Record<string, string>>): Refusal {
    return new Refusal(this.code, this.message, { ...this.headers, ...headers });
  }
}

/** What goes back over HTTP: a status, and a body that never holds a stack. */
export interface HttpFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly error: string; readonly code: string; readonly [key: string]: unknown };
  /** A bug of ours: the log gets the whole of it, the client only `requestId`. */
  readonly isBug: boolean;
}

interface FrameworkError extends Error {
  readonly code?: string;
  readonly statusCode?: number;
}

/** Turns anything thrown under a route into what the client gets. */
export function toHttpFailure(thrown: unknown, requestId: string): HttpFailure {
  if (thrown instanceof Refusal) {
    const { status, headers, code, message } = thrown;
    return { status, headers, body: { error: message, code }, isBug: false };
  }
  if (thrown instanceof ClayError) {
    const status = statusOfErrorCode[thrown.code];
    const headers: Record<string, string> = status === 503 ? { 'retry-after': '5' } : {};
    const body = { error: thrown.message, code: thrown.code, ...thrown.details };
    return { status, headers, body, isBug: thrown.code === 'INTERNAL' };
  }
  const framework = thrown as FrameworkError;
  const status = framework instanceof Error ? framework.statusCode : undefined;
  if (status !== undefined && status >= 400 && status < 500) return fromFramework(framework, status);
  const error = `A bug in the host: the request could not be answered. The log has the details under request ${requestId}.`;
  return { status: 500, headers: {}, body: { error, code: 'INTERNAL', requestId }, isBug: true };
}

function fromFramework(error: FrameworkError, status: number): HttpFailure {
  const body =
    status === 413
      ? { error: `${error.message}. The limit is limits.bodyBytes in clay.json.`, code: 'TOO_LARGE' }
      : { error: error.message, code: 'BAD_REQUEST' };
  return { status, headers: {}, body, isBug: false };
}
