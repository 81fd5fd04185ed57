import type { Json } from './json.ts';

/**
 * One use of a capability, as its handler sees it. The host journals it before the handler runs.
 *
 * @example
 * ```ts
 * import { definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'patient',
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'wait',
 *       description: 'Waits a second.',
 *       run: async (_, call) => {
 *         call.progress('waiting');
 *         await ctx.clock.sleep(1000, call.signal);
 *         return `waited for ${call.caller}`;
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface Call {
  /** Unique in the journal. */
  readonly id: string;
  /** The same for every retry of this call: the key to make an effect idempotent with. */
  readonly key: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** Who calls: `agent:clay`, `plugin:tasks`, `http`, `schedule`, `host`. */
  readonly caller: string;
  /** Aborted when the caller cancels, the deadline passes or the generation stops. */
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch, after which nobody waits for the answer. */
  readonly deadline: number;
  /** The conversation that this call serves, if any. */
  readonly session: CallSession | null;
  /** Tells what is being done; shown to the person while the call runs. */
  progress(text: string): void;
}

/** The conversation that a call serves. */
export interface CallSession {
  readonly app: string;
  readonly user: string;
  readonly id: string;
  /** The turn (ADK: invocation) within the session. */
  readonly turn: string;
}

/** How `ctx.call` waits. */
export interface CallOptions {
  /** Cancels the call. Default: the calling context's own signal. */
  readonly signal?: AbortSignal;
  /** How long to wait, in milliseconds. Default 60,000; never longer than the deadline of the call being served. */
  readonly timeoutMs?: number;
  /** Makes a repeated call return the stored result. */
  readonly key?: string;
}

/** What a streaming handler yields: progress for the person, then its value by `return`. */
export type Stream<Value extends Json = Json> = AsyncGenerator<StreamEvent, Value, void>;

/** One thing that a streaming handler tells while it runs. */
export type StreamEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'tool_call'; readonly id: string; readonly name: string; readonly args: Json }
  | { readonly type: 'tool_result'; readonly id: string; readonly name: string; readonly result: Json };
