import {
  charge,
  HostFunction,
  StarlarkBytes,
  type StarlarkDict,
  StarlarkError,
  StarlarkFloat,
  StarlarkStruct,
  toStarlark,
  type Value,
} from 'starlark-js';
import type { WebResponse } from '../effects.ts';
import { currentRun } from '../run.ts';
import { asScriptError, hostCall } from './host-call.ts';

const maxBytes = 2 * 1024 * 1024;
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
/** Seconds. */
const longestWait = 120;

function request(
  effects: Parameters<Parameters<typeof hostCall>[2]>[0],
  method: string,
  url: string,
  headers: StarlarkDict,
  body: string | StarlarkBytes | null,
  timeout: Value,
): Promise<Value> {
  const upper = method.toUpperCase();
  if (!methods.has(upper))
    throw new StarlarkError('VALUE', `http: method must be one of ${[...methods].join(', ')}, not ${method}`);
  const seconds = timeout instanceof StarlarkFloat ? timeout.value : Number(timeout);
  if (!(seconds > 0 && seconds <= longestWait))
    throw new StarlarkError(
      'VALUE',
      `http: timeout must be more than 0 and at most ${longestWait} seconds, not ${seconds}`,
    );
  return effects
    .http({
      method: upper,
      url,
      headers: headersOf(headers),
      body: body instanceof StarlarkBytes ? Uint8Array.from(body.data) : body,
      timeoutMs: seconds * 1000,
      maxBytes,
      isCut: false,
    })
    .then(responseStruct);
}

function headersOf(headers: StarlarkDict): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [key, value] of headers.map) {
    const name = headers.shownKey(key);
    if (typeof name !== 'string' || typeof value !== 'string')
      throw new StarlarkError('TYPE', `http: headers must map text to text; look at ${String(name)}`);
    entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

function responseStruct({ status, url, headers, body }: WebResponse): Value {
  charge(3 * body.length);
  const text = new TextDecoder().decode(body);
  return new StarlarkStruct([
    ['status', status],
    ['url', url],
    ['headers', toStarlark(headers)],
    ['body', new StarlarkBytes(body)],
    ['text', text],
  ]);
}

function secret(name: string): string {
  try {
    return currentRun().effects.secret(name);
  } catch (error) {
    throw asScriptError('http.secret', error);
  }
}

export const httpNatives: ReadonlyMap<string, Value> = new Map<string, Value>([
  [
    'http_request',
    hostCall(
      'http_request(method: str, url: str, headers: dict, body: str | bytes | None, timeout: int | float) -> struct',
      'Sends a request and waits for the answer.',
      request,
      'http.request',
    ),
  ],
  ['http_secret', new HostFunction('http_secret(name: str) -> str', secret)],
]);
