import { ClayError, type Context, type Json } from '@clay/sdk';
import type { Data, Effects } from '@clay/starlark-stdlib';
import type { KeyedLock } from './keyed-lock.ts';

export interface ContextEffectsOptions {
  readonly ctx: Pick<Context, 'http' | 'files' | 'store' | 'secrets' | 'call'>;
  /** Of all calls of the script. */
  readonly lock: KeyedLock;
  /** Ends what is still going on when the execution ends. */
  readonly signal: AbortSignal;
}

/** The effects of one call: they go through the SDK's context, and so through the host. */
export function contextEffects(options: ContextEffectsOptions): Effects {
  const { ctx, signal } = options;
  return {
    http: async ({ method, url, headers, body, timeoutMs, maxBytes, isCut }) => {
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
    },
    secret: (name) => ctx.secrets.handle(name),
    hasSecret: (name) => ctx.secrets.has(name),
    readFile: (path) => ctx.files.read(path),
    writeFile: (path, text) => ctx.files.write(path, text),
    listFiles: async (path) => (await ctx.files.list(path)).map(({ name }) => name),
    removeFile: (path) => ctx.files.remove(path),
    getValue: (key) => ctx.store.get(key),
    setValue: (key, value) => ctx.store.set(key, value as Json),
    deleteValue: (key) => ctx.store.delete(key),
    listKeys: (prefix) => ctx.store.list(prefix),
    exclusive: (key, body) =>
      options.lock.run(key, () => {
        // The call may have ended while it waited for its turn.
        signal.throwIfAborted();
        return body();
      }),
    call: async (capability, args) => (await ctx.call(capability, args as Json, { signal })) as Data,
  };
}
