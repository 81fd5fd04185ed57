import { capabilityKinds } from '../capability.ts';
import { ClayError, errorCodes } from '../errors.ts';
import type { RawFrame } from './frame.ts';
import type { HostMessage, PluginMessage } from './message.ts';
import {
  amount,
  type Check,
  count,
  id,
  json,
  listOf,
  nullable,
  object,
  oneOf,
  optional,
  type Shape,
  shapeOf,
  text,
} from './shape.ts';

const failure = shapeOf({
  error: text,
  code: oneOf(...Object.keys(errorCodes)),
  phase: optional(text),
  output: optional(text),
  exitCode: optional((value) => (Number.isSafeInteger(value) ? null : 'a whole number')),
  data: optional(json),
});

const session = shapeOf({ app: text, user: text, id: text, turn: text });
const paths = shapeOf({ root: text, data: text, soul: text, public: text, extensions: text });

const streamEvent: Check = (value) => {
  const wrong = shapeOf({ type: oneOf('text', 'thought', 'tool_call', 'tool_result') })(value);
  if (wrong !== null) return wrong;
  const { type } = value as { type: 'text' | 'thought' | 'tool_call' | 'tool_result' };
  switch (type) {
    case 'text':
    case 'thought':
      return shapeOf({ text })(value);
    case 'tool_call':
      return shapeOf({ id, name: text, args: json })(value);
    case 'tool_result':
      return shapeOf({ id, name: text, result: json })(value);
  }
};

const declaration = shapeOf({
  kind: oneOf(...capabilityKinds),
  name: id,
  description: text,
  parameters: nullable(object),
  details: object,
});

const answer: Shape = { value: optional(json), failure: optional(failure) };

/** What the host may say: one row for each type. */
const hostShapes: Readonly<Record<HostMessage['type'], Shape>> = {
  hello: { protocol: shapeOf({ min: count, max: count }), plugin: id, version: text, generation: count },
  setup: { config: json, paths, secrets: listOf(text) },
  live: {},
  commit: {},
  call: {
    id,
    key: id,
    attempt: count,
    capability: id,
    args: json,
    caller: text,
    timeoutMs: amount,
    session: nullable(session),
    credit: count,
  },
  cancel: { id, code: oneOf('CANCELLED', 'TIMEOUT'), reason: text },
  credit: { id, count },
  answer: { id: count, ...answer },
  grant: { lease: id },
  revoke: { lease: id },
  ping: { id: count },
  drain: { graceMs: amount },
};

/** What a plugin may say. */
const pluginShapes: Readonly<Record<PluginMessage['type'], Shape>> = {
  hello: { protocol: count, sdk: text },
  ready: {
    capabilities: listOf(declaration),
    migrations: listOf(shapeOf({ id, sql: text })),
    leases: listOf(id),
  },
  done: { step: oneOf('live', 'commit', 'grant', 'revoke', 'drain'), lease: optional(id), failure: optional(failure) },
  ack: { id },
  progress: { id, text },
  item: { id, event: streamEvent },
  reply: { id, ...answer },
  request: { id: count, method: id, args: json, call: nullable(id) },
  abort: { id: count },
  log: { level: oneOf('debug', 'info', 'warn', 'error'), event: text, fields: object },
  fault: { phase: oneOf('load', 'hello', 'config', 'setup', 'live', 'run'), failure, location: nullable(text) },
  pong: { id: count, rssBytes: amount },
};

/** Types that may carry binary parts. */
const withBlobs: ReadonlySet<string> = new Set(['request', 'answer']);
/** Types that carry exactly one of `value` and `failure`. */
const withOutcome: ReadonlySet<string> = new Set(['reply', 'answer']);

const hostChecks = checksOf(hostShapes);
const pluginChecks = checksOf(pluginShapes);

/** Reads what came from the host. Throws `WIRE`, naming the message and the member. */
export function parseHostMessage(frame: RawFrame): HostMessage {
  return parse(frame, hostChecks, 'host') as HostMessage;
}

/** Reads what came from a plugin. Throws `WIRE`, naming the message and the member. */
export function parsePluginMessage(frame: RawFrame): PluginMessage {
  return parse(frame, pluginChecks, 'plugin') as PluginMessage;
}

function checksOf(shapes: Readonly<Record<string, Shape>>): ReadonlyMap<string, Check> {
  return new Map(Object.entries(shapes).map(([type, shape]) => [type, shapeOf(shape)]));
}

function parse({ json: value, blobs }: RawFrame, checks: ReadonlyMap<string, Check>, sender: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(sender, 'a message that is no object');
  const type = Object.hasOwn(value, 'type') ? (value as { readonly type: unknown }).type : undefined;
  const check = typeof type === 'string' ? checks.get(type) : undefined;
  if (check === undefined || typeof type !== 'string')
    throw wrong(sender, `a message of the unknown type ${JSON.stringify(type)?.slice(0, 60)}`);
  const expected = check(value);
  if (expected !== null) throw wrong(sender, `a "${type}" message that is not ${expected}`);
  if (withOutcome.has(type) && 'value' in value === 'failure' in value) {
    throw wrong(sender, `a "${type}" message that needs exactly one of "value" and "failure"`);
  }
  if (!withBlobs.has(type)) {
    if (blobs.length > 0) throw wrong(sender, `a "${type}" message with binary parts`);
    return value;
  }
  if ('blobs' in value) throw wrong(sender, `a "${type}" message with "blobs" in its JSON`);
  return blobs.length === 0 ? value : { ...value, blobs };
}

function wrong(sender: string, what: string): ClayError {
  return new ClayError('WIRE', `The ${sender} sent ${what}.`);
}
