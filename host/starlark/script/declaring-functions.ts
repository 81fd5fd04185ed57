import { AsyncLocalStorage } from 'node:async_hooks';
import { HostFunction, StarlarkError, type StarlarkList, type Value } from 'starlark-js';
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

function list(value: StarlarkList | undefined): readonly Value[] {
  return value?.items ?? [];
}

/** What a file says at its top level of what it is. */
export const declaringFunctions: readonly HostFunction[] = [
  new HostFunction(
    'tool(fn: Callable, name: str | None = None, description: str | None = None)',
    (fn: Value, name: Value | undefined, description: Value | undefined) => {
      declarations('tool').tool(fn, (name ?? null) as string | null, (description ?? null) as string | null);
      return null;
    },
    {
      doc: `Makes a function a tool of the agent.

What the tool does and what its parameters mean stands in the docstring; their types are the annotations.

Args:
  fn: a function of this file
  name: by default the function's
  description: by default that of the docstring

Example:
  tool(forecast, name = "weather_forecast")`,
    },
  ),
  new HostFunction(
    'schedule(cron: str, fn: Callable, name: str | None = None)',
    (cron: string, fn: Value, name: Value | undefined) => {
      declarations('schedule').schedule(cron, fn, (name ?? null) as string | null);
      return null;
    },
    {
      doc: `Calls a function at times.

Args:
  cron: minute, hour, day of month, month and day of week, in the claw's time zone
  fn: a function without parameters
  name: for logs; by default the function's

Example:
  schedule("*/30 * * * *", refresh)`,
    },
  ),
  new HostFunction(
    'on(event: str, fn: Callable)',
    (event: string, fn: Value) => {
      declarations('on').on(event, fn);
      return null;
    },
    {
      doc: `Calls a function when something happens.

Args:
  event: message, turn.started, turn.ended, generation.changed or session.compacted
  fn: a function of a dict, which tells what happened

Example:
  on("message", lambda message: print(message["text"]))`,
    },
  ),
  new HostFunction(
    'prompt(content: str | Callable)',
    (content: Value) => {
      declarations('prompt').prompt(content);
      return null;
    },
    {
      doc: `Adds a section to what the model reads.

Args:
  content: a text that stays the same, or a function that is asked at every turn, with a dict of agent, user, session and text, and gives a text or None

Example:
  prompt("Answer in metric units.")`,
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
      doc: `Says what the file needs. It gets that and nothing else, as far as the operator's ceilings go.

Without it a file may ask all public hosts, read \`public\` and \`files/<name>\`, and write \`files/<name>\`.

Args:
  http: hosts, such as \`api.example.org\` and \`*.example.org\`
  read: folders and files, from the root of the claw
  write: folders and files, from the root of the claw
  secrets: \`NAME@host\`, for \`http.secret\`
  tools: names, for \`tools.call\`
  permissions: memory.read, memory.write, soul.read, tasks.read, tasks.write, chat.send, llm, and others as plugins write them

Example:
  allow(http = ["api.example.org"], permissions = ["memory.read"])`,
    },
  ),
];
