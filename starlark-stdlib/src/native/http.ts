import {
  charge,
  HostFunction,
  StarlarkBytes,
  type StarlarkDict,
  StarlarkError,
  StarlarkFloat,
  StarlarkList,
  StarlarkStruct,
  toStarlark,
  type Value,
} from 'starlark-js';
import type { Effects, WebRequest, WebResponse } from '../effects.ts';
import { currentRun } from '../run.ts';
import { asScriptError, hostCall } from './host-call.ts';

const maxBytes = 2 * 1024 * 1024;
const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);
/** Seconds. */
const longestWait = 120;

/** Pages that are asked for at one time. */
const sideBySide = 8;
const mostPages = 50;
const maxBytesTogether = 8 * 1024 * 1024;

async function request(
  effects: Effects,
  method: string,
  url: string,
  headers: StarlarkDict,
  body: string | StarlarkBytes | null,
  timeout: Value,
): Promise<Value> {
  const upper = method.toUpperCase();
  if (!methods.has(upper))
    throw new StarlarkError('VALUE', `http: method must be one of ${[...methods].join(', ')}, not ${method}`);
  const response = await effects.http({
    method: upper,
    url,
    headers: headersOf(headers),
    body: body instanceof StarlarkBytes ? Uint8Array.from(body.data) : body,
    timeoutMs: millisecondsOf(timeout),
    maxBytes,
    isCut: false,
  });
  return responseStruct(response);
}

/** Why a page gave no answer, in its place among the answers. */
interface NoAnswer {
  readonly url: string;
  readonly error: string;
}

async function requestAll(effects: Effects, urls: StarlarkList, headers: StarlarkDict, timeout: Value): Promise<Value> {
  if (urls.items.length > mostPages)
    throw new StarlarkError(
      'VALUE',
      `http.get_all: ${urls.items.length} URLs, and ${mostPages} are the most at one time: ask for fewer`,
    );
  const sent = { method: 'GET', headers: headersOf(headers), body: null, timeoutMs: millisecondsOf(timeout) };
  const answers: (WebResponse | NoAnswer)[] = [];
  const left = (urls.items as readonly string[]).entries();
  let bytes = 0;
  const askOneByOne = async () => {
    for (const [index, url] of left) {
      if (bytes > maxBytesTogether)
        throw new StarlarkError(
          'VALUE',
          `http.get_all: the answers have more than ${maxBytesTogether / 1024 / 1024} MiB together: ask for fewer pages at one time`,
        );
      const answer = await answerTo(effects, { ...sent, url, maxBytes, isCut: false });
      bytes += 'body' in answer ? answer.body.length : 0;
      answers[index] = answer;
    }
  };
  await Promise.all(Array.from({ length: sideBySide }, askOneByOne));
  return new StarlarkList(
    answers.map((answer) => ('body' in answer ? responseStruct(answer) : noAnswerStruct(answer))),
  );
}

/** One page that cannot be reached is no reason to lose the others; a refusal is a mistake of the file. */
async function answerTo(effects: Effects, sent: WebRequest): Promise<WebResponse | NoAnswer> {
  try {
    return await effects.http(sent);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isOfPage = code === 'UNAVAILABLE' || code === 'TIMEOUT' || code === 'TOO_LARGE';
    if (!isOfPage || !(error instanceof Error)) throw error;
    return { url: sent.url, error: error.message };
  }
}

function millisecondsOf(timeout: Value): number {
  const seconds = timeout instanceof StarlarkFloat ? timeout.value : Number(timeout);
  if (seconds > 0 && seconds <= longestWait) return seconds * 1000;
  throw new StarlarkError(
    'VALUE',
    `http: timeout must be more than 0 and at most ${longestWait} seconds, not ${seconds}`,
  );
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
    ['error', null],
  ]);
}

function noAnswerStruct({ url, error }: NoAnswer): Value {
  return new StarlarkStruct([
    ['status', 0],
    ['url', url],
    ['headers', toStarlark({})],
    ['body', new StarlarkBytes(new Uint8Array())],
    ['text', ''],
    ['error', error],
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
  [
    'http_all',
    hostCall(
      'http_all(urls: list[str], headers: dict, timeout: int | float) -> list',
      'Sends requests side by side and waits for all answers.',
      requestAll,
      'http.get_all',
    ),
  ],
  [
    'http_has_secret',
    hostCall(
      'http_has_secret(name: str) -> bool',
      'Whether the operator has set a secret.',
      (effects, name: string) => effects.hasSecret(name),
      'http.has_secret',
    ),
  ],
  ['http_secret', new HostFunction('http_secret(name: str) -> str', secret)],
]);
