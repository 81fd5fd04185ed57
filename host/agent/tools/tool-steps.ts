import { ClayError, type JsonObject } from '@clay/sdk';
import type { InvocationContext } from '../adk.ts';
import { functionCalls } from '../contents/calls.ts';
import type { FunctionCall } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import { failureResponse, type ToolResponse } from './tool-response.ts';

/** Runs one call of a committed event; never rejects. */
export type RunCall = (call: FunctionCall, event: LiveEvent, context: InvocationContext) => Promise<ToolResponse>;

export interface ToolStepsOptions {
  /** The events that are in the database, oldest first. */
  readonly committed: () => readonly LiveEvent[];
  readonly run: RunCall;
  /** Whether this tool may run beside others of its step. */
  readonly isParallel: (name: string) => boolean;
  /** Of the turn. A tool that does not heed it is not waited for. */
  readonly signal: AbortSignal;
  /** Answered by the engine's own flow (transfer, loop exit), not here. */
  readonly isControl: (name: string) => boolean;
}

/**
 * The engine asks for the results of a step's calls one after another. The first time it asks, all calls of the step are
 * started, side by side where the tools allow it; and only calls of an event that is committed are ever started.
 */
export class ToolSteps {
  readonly #options: ToolStepsOptions;
  readonly #results = new Map<string, Promise<ToolResponse>>();

  readonly #cancelled = Promise.withResolvers<ToolResponse>();

  constructor(options: ToolStepsOptions) {
    this.#options = options;
    const { signal } = options;
    const cancel = () =>
      this.#cancelled.resolve(failureResponse(new ClayError('CANCELLED', 'The turn was cancelled.')));
    if (signal.aborted) cancel();
    else signal.addEventListener('abort', cancel, { once: true });
  }

  async result(callId: string, context: InvocationContext): Promise<ToolResponse> {
    if (!this.#results.has(callId)) {
      const event = this.#options.committed().findLast((known) => functionCalls(known).some(({ id }) => id === callId));
      if (!event) {
        return failureResponse(
          new ClayError('INTERNAL', `The call ${callId} is not in the database, so it was not run.`),
        );
      }
      this.#start(event, context);
    }
    const result = this.#results.get(callId);
    this.#results.delete(callId);
    return result
      ? Promise.race([result, this.#cancelled.promise])
      : failureResponse(new ClayError('INTERNAL', `The call ${callId} was not started.`));
  }

  /** A call whose tool wants to be alone waits for those before it, and those behind it wait for it. */
  #start(event: LiveEvent, context: InvocationContext): void {
    let gate: Promise<unknown> = Promise.resolve();
    let together: Promise<unknown>[] = [];
    for (const call of functionCalls(event)) {
      const name = call.name ?? '';
      if (call.id === undefined || this.#options.isControl(name)) continue;
      const isParallel = this.#options.isParallel(name);
      const before = isParallel ? gate : Promise.all([gate, ...together]);
      const result = before.then(() => this.#options.run(call, event, context));
      this.#results.set(call.id, result);
      if (isParallel) together.push(result);
      else [gate, together] = [result, []];
    }
  }
}

/** Arguments that the model could not write down as a JSON object, if this is such a call. */
export function malformedArguments(event: LiveEvent, callId: string | undefined): string | undefined {
  const calls = event.customMetadata?.malformedCalls as JsonObject | undefined;
  const raw = callId === undefined ? undefined : calls?.[callId];
  return typeof raw === 'string' ? raw : undefined;
}
