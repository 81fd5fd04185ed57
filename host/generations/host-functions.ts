import { ClayError, type Clock, type Json, type JsonObject, type Manifest } from '@clay/sdk';
import { packResults, type ServedAnswer, type ServedRequest, unpackStatements } from '@clay/sdk/wire';
import type { FileAccess } from '../policy/files/file-access.ts';
import type { OutboundHttp } from '../policy/outbound-http.ts';
import { allows, permissionToCall, secretNames, textToCall } from '../policy/permissions.ts';
import { defaultTimeoutMs } from '../router/plugin-router.ts';
import type { CallRequest } from '../router/router.ts';
import type { PluginStore } from '../store/plugin-storage.ts';
import type { BuildOrigin } from './build.ts';

export interface HostFunctionsOptions {
  readonly manifest: Manifest;
  /** What ships may call what its manifest names; everybody else needs the right to it besides. */
  readonly origin: BuildOrigin;
  /** Effective, not declared. */
  readonly permissions: readonly string[];
  readonly store: () => PluginStore;
  readonly call: (request: CallRequest) => Promise<Json>;
  readonly http: OutboundHttp;
  readonly files: FileAccess;
  readonly secret: (name: string) => string | undefined;
  readonly clock: Clock;
}

/** What the host does for one generation: the table behind `ctx`. The names are those of `hostFunctions` in the SDK. */
export function createHostFunctions(options: HostFunctionsOptions): (request: ServedRequest) => Promise<ServedAnswer> {
  const { manifest, permissions, store } = options;
  const fileRequest = (args: JsonObject) => ({ plugin: manifest.name, permissions, path: text(args, 'path') });
  const functions: Readonly<
    Record<string, (args: JsonObject, request: ServedRequest) => ServedAnswer | Promise<ServedAnswer>>
  > = {
    'store.get': (args) => {
      const value = store().get(text(args, 'key'));
      return { value: value === undefined ? {} : { value } };
    },
    'store.set': (args) => {
      store().set(text(args, 'key'), args.value ?? null);
      return { value: null };
    },
    'store.delete': (args) => ({ value: store().delete(text(args, 'key')) }),
    'store.list': (args) => ({ value: store().list(text(args, 'prefix')) }),
    'store.sql': (args, { blobs }) => {
      const [statement] = unpackStatements({ value: args.statements ?? [], blobs });
      if (statement === undefined) throw new ClayError('BAD_ARGUMENTS', 'ctx.store.sql was asked for no statement.');
      return packResults([store().sql(statement.sql, statement.parameters)]);
    },
    'store.transaction': (args, { blobs }) =>
      packResults(store().transaction(unpackStatements({ value: args.statements ?? [], blobs }))),
    'secrets.has': (args) => {
      const name = text(args, 'name');
      if (!secretNames(permissions).includes(name)) {
        throw new ClayError(
          'REFUSED',
          `The plugin "${manifest.name}" has no permission for the secret "${name}": declare "secret:${name}@<host>".`,
        );
      }
      return { value: options.secret(name) !== undefined };
    },
    call: async (args, request) => ({ value: await options.call(callRequest(args, request, options)) }),
    'http.fetch': (args, { blobs, signal }) =>
      options.http.fetch({ args, body: blobs[0], signal, permissions, plugin: manifest.name }),
    'fs.read': async (args) => ({ value: null, blobs: [await options.files.read(fileRequest(args))] }),
    'fs.list': async (args) => ({
      value: (await options.files.list(fileRequest(args))).map((entry) => ({ ...entry })),
    }),
    'fs.write': async (args, { blobs }) => ({
      value: await options.files.write(fileRequest(args), blobs[0] ?? new Uint8Array()),
    }),
    'fs.remove': async (args) => ({ value: await options.files.remove(fileRequest(args)) }),
  };
  return async (request) => {
    const run = Object.hasOwn(functions, request.method) ? functions[request.method] : undefined;
    if (run === undefined) throw new ClayError('NOT_FOUND', `The host function "${request.method}" does not exist.`);
    return run(request.args as JsonObject, request);
  };
}

/** A call by a plugin runs within the call that it serves: same session, no longer than its deadline. */
function callRequest(
  args: JsonObject,
  { parent, signal }: ServedRequest,
  { manifest, origin, permissions, clock }: HostFunctionsOptions,
): CallRequest {
  const capability = text(args, 'capability');
  if (!manifest.requires.includes(capability) && !manifest.optional.includes(capability)) {
    throw new ClayError(
      'CAPABILITY_UNDECLARED',
      `The plugin "${manifest.name}" uses ${capability} without naming it in "requires" or "optional" of its manifest.`,
    );
  }
  const needed = origin === 'image' ? null : permissionToCall(capability);
  if (needed !== null && !allows(permissions, needed)) {
    throw new ClayError(
      'REFUSED',
      `The plugin "${manifest.name}" may not use ${capability}: it needs the permission "${textToCall(capability)}", declared by its author and allowed by the operator ("ceilings" in clay.json).`,
    );
  }
  const wanted = typeof args.timeoutMs === 'number' ? args.timeoutMs : defaultTimeoutMs;
  const left = parent === null ? wanted : parent.deadline - clock.now();
  return {
    capability,
    args: args.args ?? null,
    caller: `plugin:${manifest.name}`,
    timeoutMs: Math.max(1, Math.min(wanted, left)),
    session: parent?.call.session ?? null,
    signal,
    ...(parent === null ? {} : { parent: parent.call.id }),
    ...(typeof args.key === 'string' ? { key: `${manifest.name} ${args.key}` } : {}),
  };
}

function text(args: JsonObject, name: string): string {
  const value = args[name];
  if (typeof value === 'string') return value;
  throw new ClayError('BAD_ARGUMENTS', `"${name}" must be text, not ${JSON.stringify(value)}.`);
}
