import type { Paths } from '../context.ts';
import type { PluginDefinition } from '../define-plugin.ts';
import { ClayError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import type { Schema } from '../schema/schema.ts';
import type { ServedAnswer, ServedRequest } from '../wire/host-connection.ts';
import { secretPlaceholders } from '../wire/secret-placeholder.ts';
import { packResults, unpackStatements } from '../wire/sql-blobs.ts';
import { serveTestFiles } from './test-files.ts';
import type { TestStore } from './test-store.ts';

/** Answers a request of `ctx.http`, as a server would. */
export type HttpAnswer = (request: Request) => Response | Promise<Response>;

/** Stands for another plugin's capability. */
export type Provided = (args: Json, signal: AbortSignal) => Json | Promise<Json>;

interface TestFunctions {
  readonly definition: Pick<PluginDefinition<Schema>, 'name' | 'requires' | 'optional'>;
  readonly store: TestStore;
  readonly paths: Paths;
  readonly requests: Request[];
  readonly secrets?: Readonly<Record<string, string>>;
  readonly http?: HttpAnswer;
  readonly provided?: Readonly<Record<string, Provided>>;
}

/** The host functions of a test host: store and files are real, the network and the neighbours are what the test says. */
export function createTestFunctions(options: TestFunctions): (request: ServedRequest) => Promise<ServedAnswer> {
  const { store, definition } = options;
  return async ({ method, args, blobs, signal }) => {
    const given = args as JsonObject;
    const key = String(given.key);
    switch (method) {
      case 'store.get': {
        const value = store.get(key);
        return { value: value === undefined ? {} : { value } };
      }
      case 'store.set':
        store.set(key, given.value ?? null);
        return { value: null };
      case 'store.delete':
        return { value: store.delete(key) };
      case 'store.list':
        return { value: store.list(String(given.prefix ?? '')) };
      case 'store.sql':
      case 'store.transaction':
        return packResults(store.transaction(unpackStatements({ value: given.statements ?? [], blobs })));
      case 'secrets.has':
        return { value: options.secrets?.[String(given.name)] !== undefined };
      case 'call':
        return { value: await callProvided(options, definition, given, signal) };
      case 'http.fetch':
        return fetchAnswer(options, given, blobs[0]);
      case 'fs.read':
      case 'fs.list':
      case 'fs.write':
      case 'fs.remove':
        return serveTestFiles(method, given, blobs[0], options.paths);
      default:
        throw new ClayError('NOT_FOUND', `The host function "${method}" does not exist.`);
    }
  };
}

async function callProvided(
  options: TestFunctions,
  definition: TestFunctions['definition'],
  args: JsonObject,
  signal: AbortSignal,
): Promise<Json> {
  const capability = String(args.capability);
  if (![...(definition.requires ?? []), ...(definition.optional ?? [])].includes(capability)) {
    throw new ClayError(
      'CAPABILITY_UNDECLARED',
      `The plugin "${definition.name}" uses ${capability} without naming it in requires or optional.`,
    );
  }
  const provided = options.provided?.[capability];
  if (provided === undefined)
    throw new ClayError(
      'CAPABILITY_UNKNOWN',
      `Nobody provides ${capability}: hand it to createTestHost as provided['${capability}'].`,
    );
  return provided(args.args ?? null, signal);
}

async function fetchAnswer(
  options: TestFunctions,
  args: JsonObject,
  body: Uint8Array | undefined,
): Promise<ServedAnswer> {
  const url = String(args.url);
  if (options.http === undefined)
    throw new ClayError('UNAVAILABLE', `The test gives no answer to ${url}: hand createTestHost an http function.`);
  const headers = new Headers();
  for (const [name, value] of Object.entries((args.headers ?? {}) as JsonObject)) {
    headers.set(
      name,
      String(value).replaceAll(secretPlaceholders, (_, secret: string) => options.secrets?.[secret] ?? ''),
    );
  }
  const request = new Request(url, {
    method: String(args.method ?? 'GET'),
    headers,
    ...(body === undefined ? {} : { body: new Uint8Array(body) }),
  });
  options.requests.push(request.clone());
  const response = await options.http(request);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const value = { status: response.status, url: response.url || url, headers: Object.fromEntries(response.headers) };
  const maxBytes = typeof args.maxBytes === 'number' ? args.maxBytes : Number.POSITIVE_INFINITY;
  if (bytes.byteLength <= maxBytes) return { value, blobs: [bytes] };
  if (args.keepIncomplete === true)
    return { value: { ...value, incomplete: 'too-large' }, blobs: [bytes.slice(0, maxBytes)] };
  throw new ClayError('TOO_LARGE', `The body of ${url} is larger than ${maxBytes} bytes.`);
}
