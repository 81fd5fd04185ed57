import { ClayError, type Context, type Json, parsePermission } from '@clay/sdk';
import type { Data, Effects } from '@clay/starlark-stdlib';
import type { KeyedLock } from './keyed-lock.ts';
import { allowLine, isCovered, permissionFor } from './script-permissions.ts';

export interface ContextEffectsOptions {
  readonly ctx: Pick<Context, 'http' | 'files' | 'store' | 'secrets' | 'call'>;
  /** What the file declares, or gets by default. */
  readonly permissions: readonly string[];
  /** Whether it calls `allow`. */
  readonly isDeclared: boolean;
  /** Of all calls of the script. */
  readonly lock: KeyedLock;
  /** Ends what is still going on when the execution ends. */
  readonly signal: AbortSignal;
}

/** The effects of one call: they go through the SDK's context, and so through the host. */
export function contextEffects(options: ContextEffectsOptions): Effects {
  const { ctx, signal } = options;
  const held = new Set<string>();
  const use = <T>(permission: string | null, effect: () => Promise<T>): Promise<T> =>
    allowed(options, permission, effect);
  return {
    http: ({ method, url, headers, body, timeoutMs, maxBytes, isCut }) =>
      use(hostPermission(url), async () => {
        const sent = { method, headers, ...(body === null ? {} : { body }), timeoutMs, maxBytes, signal };
        try {
          const { status, url: last, headers: received, body: bytes } = await ctx.http.fetch(url, sent);
          return { status, url: last, headers: received, body: bytes };
        } catch (error) {
          const head =
            isCut && error instanceof ClayError && error.code === 'TOO_LARGE' ? error.details.output : undefined;
          if (head === undefined) throw error;
          return { status: 200, url, headers: {}, body: new TextEncoder().encode(head) };
        }
      }),
    secret: (name) => {
      const isNamed = (permissions: readonly string[]) =>
        permissions.some((each) => each.startsWith(`secret:${name}@`));
      requireRight(options, `secret:${name}@<host>`, isNamed);
      return ctx.secrets.handle(name);
    },
    readFile: (path) => use(`fs.read:${plainPath(path)}`, () => ctx.files.read(path)),
    writeFile: (path, text) => use(`fs.write:${plainPath(path)}`, () => ctx.files.write(path, text)),
    listFiles: (path) =>
      use(`fs.read:${plainPath(path)}`, async () => (await ctx.files.list(path)).map(({ name }) => name)),
    removeFile: (path) => use(`fs.write:${plainPath(path)}`, () => ctx.files.remove(path)),
    getValue: (key) => ctx.store.get(key),
    setValue: (key, value) => ctx.store.set(key, value as Json),
    deleteValue: (key) => ctx.store.delete(key),
    listKeys: (prefix) => ctx.store.list(prefix),
    exclusive: (key, body) => {
      if (held.has(key))
        throw new ClayError(
          'CONFLICT',
          `the key ${JSON.stringify(key)} is being updated by this very call: set it once, at the end`,
        );
      return options.lock.run(key, async () => {
        // The call may have ended while it waited for its turn.
        signal.throwIfAborted();
        held.add(key);
        try {
          return await body();
        } finally {
          held.delete(key);
        }
      });
    },
    call: (capability, args) =>
      use(permissionFor(capability), async () => (await ctx.call(capability, args as Json, { signal })) as Data),
  };
}

/** What a URL needs; null where it is none, which the host tells best. */
function hostPermission(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed === null || parsed.hostname === '' ? null : `http:${parsed.hostname}`;
}

function plainPath(path: string): string {
  return path.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
}

async function allowed<T>(
  options: ContextEffectsOptions,
  permission: string | null,
  effect: () => Promise<T>,
): Promise<T> {
  if (permission === null) return effect();
  requireRight(options, permission, (granted) => isCovered(permission, granted));
  try {
    return await effect();
  } catch (error) {
    throw explained(options, error);
  }
}

/** Refuses here what the file does not declare: the host would, without knowing how a file says it. */
function requireRight(
  options: ContextEffectsOptions,
  permission: string,
  isIn: (permissions: readonly string[]) => boolean,
): void {
  if (!isIn(options.permissions)) throw undeclared(options, permission);
}

function undeclared({ isDeclared }: ContextEffectsOptions, permission: string, cause?: unknown): ClayError {
  const why = isDeclared ? 'what the file allows' : 'what a file may do that says nothing';
  const message = `${subjectOf(permission)} is not among ${why}: add ${allowLine(permission)} at its top level`;
  return new ClayError('REFUSED', message, cause === undefined ? {} : { cause });
}

/**
 * A refusal of the host for want of a permission, in the words of a file. What is missing need not be what was asked for: a
 * redirect leads to another host.
 */
function explained(options: ContextEffectsOptions, error: unknown): unknown {
  if (!(error instanceof ClayError) || error.code !== 'REFUSED') return error;
  const quoted = [...error.message.matchAll(/"([^"]+)"/g)].map(([, text = '']) => text);
  const missing = quoted.find((text) => typeof parsePermission(text) !== 'string');
  if (missing === undefined) return error;
  return isCovered(missing, options.permissions) ? withheld(missing, error) : undeclared(options, missing, error);
}

/** The file declares it: then it is the operator's to give. */
function withheld(permission: string, cause: unknown): ClayError {
  const message = `${subjectOf(permission)} is declared, but the operator's ceiling does not allow it: ask the operator to add ${JSON.stringify(permission)} to "ceilings" in clay.json`;
  return new ClayError('REFUSED', message, { cause });
}

function subjectOf(permission: string): string {
  const [name = '', argument = ''] = permission.split(/:(.*)/s);
  switch (name) {
    case 'http':
      return `the host ${argument}`;
    case 'fs.read':
      return `reading ${argument}`;
    case 'fs.write':
      return `writing ${argument}`;
    case 'secret':
      return `the secret ${argument.replace(/@.*/, '')}`;
    case 'call':
      return argument.startsWith('tool:') ? `the tool ${argument.slice('tool:'.length)}` : argument;
    default:
      return name;
  }
}
