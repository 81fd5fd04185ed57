import { AsyncLocalStorage } from 'node:async_hooks';
import { asScriptError, currentRun, EffectRefused, type Effects, hostCall } from '@clay/starlark-stdlib';
import { HostFunction, repr, StarlarkError, type StarlarkList, standardModules, type Value } from 'starlark-js';
import type { Declarations } from './declarations.ts';

/** What the file that is being loaded declares. */
const loading = new AsyncLocalStorage<Declarations>();

/** Runs the top level of a file, whose declarations go to `declarations`. */
export function whileLoading<T>(declarations: Declarations, body: () => T): T {
  return loading.run(declarations, body);
}

function declarations(name: string): Declarations {
  const open = loading.getStore();
  if (open !== undefined) return open;
  throw new StarlarkError(
    'HOST',
    `${name} declares something, which only works while the file is loaded: call it at top level`,
  );
}

/** The original's limits: seconds to wait, and bytes of an answer that are given. */
const httpTimeoutMs = 15_000;
const httpShownBytes = 64 * 1024;
const httpMaxBytes = 2 * 1024 * 1024;

/** By the original's convention a failure is a text that begins with `ERROR: `. What ends the script ends it here too. */
async function told(name: string, body: () => Promise<string>): Promise<string> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof StarlarkError || error instanceof EffectRefused) throw asScriptError(name, error);
    return `ERROR: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function send(
  effects: Effects,
  method: string,
  url: string,
  type: string | null,
  body: string | null,
): Promise<string> {
  const response = await effects.http({
    method,
    url,
    headers: type === null ? {} : { 'content-type': type },
    body,
    timeoutMs: httpTimeoutMs,
    maxBytes: httpMaxBytes,
    isCut: true,
  });
  // A character that the cut goes through is left out.
  return new TextDecoder().decode(response.body.subarray(0, httpShownBytes), {
    stream: response.body.length > httpShownBytes,
  });
}

const originals: readonly HostFunction[] = [
  hostCall(
    'http_get(url: str, /) -> str',
    'The body of a web page, at most its first 64 KiB, whatever its status; a text that begins with "ERROR: " when there is no answer within 15 seconds. load("@std//http.star", "http") has status, headers and JSON.',
    (effects, url: string) => told('http_get', () => send(effects, 'GET', url, null, null)),
  ),
  hostCall(
    'http_post(url: str, body: str, content_type: str = "application/json", /) -> str',
    'Sends a body and gives the answer, as http_get does.',
    (effects, url: string, body: string, type: string | undefined) =>
      told('http_post', () => send(effects, 'POST', url, type ?? 'application/json', body)),
  ),
  hostCall(
    'read_file(path: str, /) -> str',
    'The text of a file, or a text that begins with "ERROR: ". Without allow(read = [...]) it may be below public and files/<name>.',
    (effects, path: string) => told('read_file', () => effects.readFile(path)),
  ),
  hostCall(
    'write_file(path: str, content: str, /) -> str',
    'Writes a file, and makes the folders above it; gives "Wrote N bytes to PATH" or a text that begins with "ERROR: ". Without allow(write = [...]) it may be below files/<name>.',
    (effects, path: string, content: string) =>
      told('write_file', async () => `Wrote ${await effects.writeFile(path, content)} bytes to ${path}`),
  ),
  new HostFunction(
    'log(*args)',
    (args: readonly Value[]) => {
      currentRun().print(args.map((each) => repr(each)).join(' '));
      return null;
    },
    { doc: 'Adds a line to the output: the values as they are written in a program, with spaces between them.' },
  ),
];

function list(value: StarlarkList | undefined): readonly Value[] {
  return value?.items ?? [];
}

const declaring: readonly HostFunction[] = [
  new HostFunction(
    'tool(fn: Callable, name: str | None = None, description: str | None = None)',
    (fn: Value, name: Value | undefined, description: Value | undefined) => {
      declarations('tool').tool(fn, (name ?? null) as string | null, (description ?? null) as string | null);
      return null;
    },
    {
      doc: "Makes a function a tool of the agent. Its name is the function's, its description and its parameters are those of the docstring, its schema comes from annotations and defaults.",
    },
  ),
  new HostFunction(
    'schedule(cron: str, fn: Callable, name: str | None = None)',
    (cron: string, fn: Value, name: Value | undefined) => {
      declarations('schedule').schedule(cron, fn, (name ?? null) as string | null);
      return null;
    },
    {
      doc: 'Calls a function at times: "*/30 * * * *" is every half hour. Fields: minute, hour, day of month, month, day of week.',
    },
  ),
  new HostFunction(
    'on(event: str, fn: Callable)',
    (event: string, fn: Value) => {
      declarations('on').on(event, fn);
      return null;
    },
    {
      doc: 'Calls a function with a dict when something happens: message, turn.started, turn.ended, generation.changed, session.compacted.',
    },
  ),
  new HostFunction(
    'prompt(content: str | Callable)',
    (content: Value) => {
      declarations('prompt').prompt(content);
      return null;
    },
    {
      doc: 'Adds a section to what the model reads: a fixed text, or a function that is called at every turn and gives a text or None.',
    },
  ),
  new HostFunction(
    'allow(*, http: list[str] = [], read: list[str] = [], write: list[str] = [], secrets: list[str] = [], tools: list[str] = [], permissions: list[str] = [])',
    (...lists: (StarlarkList | undefined)[]) => {
      const [http, read, write, secrets, tools, permissions] = lists.map(list);
      declarations('allow').allow({
        http: http!,
        read: read!,
        write: write!,
        secrets: secrets!,
        tools: tools!,
        permissions: permissions!,
      });
      return null;
    },
    {
      doc: 'Says what the file needs; it gets nothing else then. Without it: all public hosts, reading public and files/<name>, writing files/<name>.',
    },
  ),
];

/** Everything that a script finds by name, beside the language itself. */
export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...[...originals, ...declaring].map((each) => [each.name, each] as const),
  ['struct', standardModules().get('struct')!],
]);
