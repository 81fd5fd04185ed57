import type { JsonObject } from '@clay/sdk';
import type { Registry } from '../../registry/registry.ts';
import { BaseLlmRequestProcessor, createEvent, type Event, type InvocationContext } from '../adk.ts';
import { danglingCalls } from '../contents/calls.ts';
import type { FunctionCall } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import { limitResponse } from '../tools/result-limit.ts';
import { failureResponse, type ToolResponse, toResponse } from '../tools/tool-response.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import { type AgentPlan, listAgents } from './agent-definition.ts';
import { delegateName, runDelegated } from './delegate.ts';

/**
 * Goes on with the loops that an earlier process had begun in this turn, before the main agent's model is asked: their
 * calls were left without a result, see {@link goesOn}.
 */
export class ResumeDelegations extends BaseLlmRequestProcessor {
  readonly #scope: TurnScope;
  readonly #plans: () => readonly AgentPlan[];
  #hasLooked = false;

  constructor(scope: TurnScope, plans: () => readonly AgentPlan[]) {
    super();
    this.#scope = scope;
    this.#plans = plans;
  }

  override async *runAsync(context: InvocationContext): AsyncGenerator<Event, void, void> {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    for (const { event, calls } of danglingCalls(this.#scope.live.events)) {
      const open = event.isolationScope === undefined ? calls.filter(({ name }) => name === delegateName) : [];
      for (const call of open) {
        const response = yield* this.#finish(call, context);
        if (this.#scope.signal.aborted) return;
        yield resultEvent(context, event, call, response);
      }
    }
  }

  async *#finish(call: FunctionCall, context: InvocationContext): AsyncGenerator<Event, ToolResponse> {
    const { parts, live } = this.#scope;
    const args = (call.args ?? {}) as JsonObject;
    let response: ToolResponse;
    try {
      response = toResponse(yield* runDelegated(call, args, this.#scope, context, this.#plans()));
    } catch (thrown) {
      response = failureResponse(thrown);
    }
    return limitResponse(response, call.id ?? 'unnamed', {
      characters: parts.config.limits.toolResultChars,
      artifacts: parts.store.artifacts,
      session: live.key,
    });
  }
}

/** Whether a call that was cut off with its process is not answered as unknown, because its agent can go on where it was. */
export function goesOn(registry: Registry, rootName: string): (event: LiveEvent, call: FunctionCall) => boolean {
  const loops = listAgents(registry, rootName, () => undefined).filter(({ type }) => type === 'signal-loop');
  return (event, { name, args }) =>
    event.isolationScope === undefined && name === delegateName && loops.some((loop) => loop.name === args?.agent);
}

function resultEvent(
  { invocationId }: InvocationContext,
  { author }: LiveEvent,
  { id, name }: FunctionCall,
  response: ToolResponse,
): Event {
  const functionResponse = { ...(id !== undefined && { id }), ...(name !== undefined && { name }), response };
  return createEvent({
    invocationId,
    ...(author !== undefined && { author }),
    content: { role: 'user', parts: [{ functionResponse }] },
  });
}
