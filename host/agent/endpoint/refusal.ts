import type { ServerResponse } from 'node:http';

/** The kinds of failure that a client of the Messages API knows, with their status. */
const statuses = {
  authentication_error: 401,
  // What clients neither retry nor take for a wrong login: a bound of ours.
  billing_error: 402,
  not_found_error: 404,
  request_too_large: 413,
  invalid_request_error: 400,
  rate_limit_error: 429,
  api_error: 502,
  timeout_error: 504,
} as const;

export type RefusalType = keyof typeof statuses;

/** Why a request was not passed on, or its answer not passed back. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly type: RefusalType;

  constructor(type: RefusalType, message: string, options?: ErrorOptions) {
    super(message, options);
    this.type = type;
  }
}

/** Answers in the words of the Messages API; within a stream that has begun, by its error event. */
export function sendRefusal(response: ServerResponse, { type, message }: Refusal): void {
  if (response.destroyed) return;
  const body = JSON.stringify({ type: 'error', error: { type, message } });
  if (response.headersSent) {
    const isStream = String(response.getHeader('content-type')).includes('text/event-stream');
    if (isStream) response.end(`event: error\ndata: ${body}\n\n`);
    else response.destroy();
    return;
  }
  response.writeHead(statuses[type], { 'content-type': 'application/json', connection: 'close' });
  response.end(body);
}
