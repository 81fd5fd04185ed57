import type { Json, JsonObject } from '@clay/sdk';
import { BaseLlmRequestProcessor, createEvent, type Event, type InvocationContext } from '../adk.ts';
import { danglingCalls } from '../contents/calls.ts';
import type { FunctionCall } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import { callKey } from '../sessions/repair.ts';
import { limitResponse } from '../tools/result-limit.ts';
import { failureResponse, type ToolResponse, toResponse } from '../tools/tool-response.ts';
import type { AgentParts, TurnScope } from '../turns/turn-scope.ts';
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
    const { parts } = this.#scope;
    for (const { event, calls } of danglingCalls(this.#scope.live.events)) {
      const open = event.isolationScope === undefined ? calls.filter((call) => isResumable(call, event, parts)) : [];
      for (const call of open) {
        const response = yield* this.#finish(call, event, context);
        if (this.#scope.signal.aborted) return;
        yield resultEvent(context, event, call, response);
      }
    }
  }

  /** Under its key, by which the question and its answer are found. */
  #use({ name, id }: FunctionCall, args: JsonObject, { author }: LiveEvent): Promise<Json> {
    const { parts, call, running, signal } = this.#scope;
    return running.track(
      parts.router.call({
        capability: `tool:${name}`,
        args,
        caller: `agent:${author ?? 'clay'}`,
        key: callKey(call.turn, id),
        signal,
        session: call,
      }),
    );
  }

  async *#finish(
    call: FunctionCall,
    event: LiveEvent,
    context: InvocationContext,
  ): AsyncGenerator<Event, ToolResponse> {
    const { parts, live } = this.#scope;
    const args = (call.args ?? {}) as JsonObject;
    let response: ToolResponse;
    try {
      response =
        call.name === delegateName
          ? toResponse(yield* runDelegated(call, args, this.#scope, context, this.#plans()))
          : toResponse(await this.#use(call, args, event));
    } catch (thrown) {
      response = failureResponse(thrown);
    }
    return limitResponse(parts.redactor.json(response), call.id ?? 'unnamed', {
      characters: parts.config.limits.toolResultChars,
      artifacts: parts.store.artifacts,
      session: live.key,
    });
  }
}

/** Whether a call that was cut off with its process is not answered as unknown, because it can go on where it was. */
export function goesOn(parts: AgentParts, rootName: string): (event: LiveEvent, call: FunctionCall) => boolean {
  const loops = listAgents(parts.registry, rootName, () => undefined).filter(({ type }) => type === 'signal-loop');
  return (event, call) => {
    if (event.isolationScope !== undefined) return false;
    if (call.name === delegateName) return loops.some((loop) => loop.name === call.args?.agent);
    return waitsForYes(call, event, parts);
  };
}

/** Of the calls that were left open. */
function isResumable(call: FunctionCall, event: LiveEvent, parts: AgentParts): boolean {
  return call.name === delegateName || waitsForYes(call, event, parts);
}

/** It was not begun: a call is journalled behind the yes. */
function waitsForYes({ name, id, args }: FunctionCall, { invocationId }: LiveEvent, parts: AgentParts): boolean {
  const [capability, key] = [`tool:${name}`, callKey(invocationId, id)];
  const given = (args ?? {}) as JsonObject;
  return parts.wasAsked(capability, key, given) && parts.calls?.byKey(capability, key) === undefined;
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
