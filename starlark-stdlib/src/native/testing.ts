import {
  HostFunction,
  repr,
  StarlarkBytes,
  StarlarkCallable,
  StarlarkDict,
  StarlarkError,
  StarlarkList,
  type StarlarkModule,
  StarlarkStruct,
  standardModules,
  str,
  toStarlark,
  type Value,
} from 'starlark-js';
import type { Data, WebRequest, WebResponse } from '../effects.ts';
import type { FakeHost } from '../fake-host.ts';
import { currentRun } from '../run.ts';
import { toData } from '../to-data.ts';
import { callBack } from './call-back.ts';

function fake(): FakeHost {
  const { fake } = currentRun();
  if (fake !== null) return fake;
  throw new StarlarkError('HOST', 'testing: this works only while a test_* function runs');
}

const jsonModule = standardModules().get('json') as StarlarkModule;
const keysOfAnswer = ['status', 'headers', 'body', 'json', 'error'];

/** A canned answer: text, bytes, or a dict with status, headers and one of body and json, or with the error instead of one. */
function responseOf(url: string, canned: Value): WebResponse {
  const answer = { status: 200, url, headers: {} as Record<string, string>, body: new Uint8Array() };
  if (typeof canned === 'string') return { ...answer, body: new TextEncoder().encode(canned) };
  if (canned instanceof StarlarkBytes) return { ...answer, body: Uint8Array.from(canned.data) };
  if (!(canned instanceof StarlarkDict))
    throw new StarlarkError(
      'TYPE',
      `testing.http: the answer to ${url} must be text, bytes, a dict or a function, not ${repr(canned)}`,
    );
  const data = toData(canned, `testing.http: the answer to ${url}`) as Readonly<Record<string, Data>>;
  for (const key of Object.keys(data))
    if (!keysOfAnswer.includes(key))
      throw new StarlarkError(
        'VALUE',
        `testing.http: ${url}: unknown key ${repr(key)}; known are ${keysOfAnswer.join(', ')}`,
      );
  if (data.error !== undefined) throw Object.assign(new Error(String(data.error)), { code: 'UNAVAILABLE' });
  const json = canned.get('json');
  // Not by way of plain data, in which 1.0 is 1.
  const text = json === undefined ? String(data.body ?? '') : encodeJson(json);
  const headers = Object.entries((data.headers ?? {}) as Record<string, Data>).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  return {
    ...answer,
    status: Number(data.status ?? 200),
    headers: Object.fromEntries(headers),
    body: new TextEncoder().encode(text),
  };
}

function http(answers: StarlarkDict): null {
  const host = fake();
  for (const [key, canned] of answers.map) {
    const url = String(answers.shownKey(key));
    host.pages.set(url, async (request) =>
      responseOf(
        request.url,
        canned instanceof StarlarkCallable ? await callBack('testing.http', canned, [requestStruct(request)]) : canned,
      ),
    );
  }
  return null;
}

function files(texts: StarlarkDict): null {
  const host = fake();
  for (const [key, text] of texts.map) host.files.set(String(texts.shownKey(key)), String(text));
  return null;
}

function written(): Value {
  return toStarlark(fake().files);
}

function capability(name: string, result: Value): null {
  const what = `testing.capability(${repr(name)})`;
  if (result instanceof StarlarkCallable) {
    const answer = async (args: Data) => toData(await callBack(what, result, [toStarlark(args)]), what);
    fake().capabilities.set(name, answer);
    return null;
  }
  const data = toData(result, what);
  fake().capabilities.set(name, async () => data);
  return null;
}

function secrets(names: StarlarkList): null {
  fake().secrets = new Set(names.items.map(String));
  return null;
}

function calls(name: string): Value {
  return toStarlark(
    fake()
      .calls.filter((call) => call.capability === name)
      .map((call) => call.args),
  );
}

function requests(): Value {
  return new StarlarkList(fake().requests.map(requestStruct));
}

function requestStruct({ method, url, headers, body }: WebRequest): Value {
  const text = body === null ? '' : typeof body === 'string' ? body : new TextDecoder().decode(body);
  return new StarlarkStruct([
    ['method', method],
    ['url', url],
    ['headers', toStarlark(headers)],
    ['body', text],
  ]);
}

/** By the language's own encoder, which tells 1.0 from 1. */
function encodeJson(value: Value): string {
  return (jsonModule.members.get('encode') as StarlarkCallable).call([value], []) as string;
}

function now(seconds: number): null {
  fake().now = BigInt(seconds) * 1_000_000_000n;
  return null;
}

/** Calls a function that must fail, and gives the message. A limit or a cancel is no failure that a test may expect. */
async function fails(callee: StarlarkCallable, text: string): Promise<Value> {
  let result: Value;
  try {
    result = await callBack('testing.fails', callee);
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.code.startsWith('LIMIT_') || error.code === 'CANCELLED') throw error;
    const message = error.code === 'FAIL' ? error.message.replace(/^fail: /, '') : error.message;
    if (error.message.includes(text)) return message;
    throw new StarlarkError('FAIL', `it failed with ${repr(message)}, want a message with ${repr(text)}`);
  }
  throw new StarlarkError('FAIL', `it did not fail, it returned ${str(repr(result))}`);
}

const functions: readonly HostFunction[] = [
  new HostFunction('testing_http(answers: dict)', http),
  new HostFunction('testing_files(texts: dict)', files),
  new HostFunction('testing_written() -> dict', written),
  new HostFunction('testing_capability(name: str, result)', capability),
  new HostFunction('testing_calls(name: str) -> list', calls),
  new HostFunction('testing_requests() -> list', requests),
  new HostFunction('testing_secrets(names: list)', secrets),
  new HostFunction('testing_now(seconds: int)', now),
  new HostFunction('testing_fails(function: Callable, text: str) -> str', fails, { suspends: true }),
];

export const testingNatives: ReadonlyMap<string, Value> = new Map(functions.map((each) => [each.name, each]));
