import { ClayError, type StreamEvent } from '@clay/sdk';
import { BaseAgent, createEvent, type Event, type InvocationContext } from '../adk.ts';
import { eventText } from '../contents/calls.ts';
import type { Content, Part } from '../event-json.ts';
import { failureResponse, toResponse } from '../tools/tool-response.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { ExternalPlan } from './agent-definition.ts';

/** An agent that lives outside: what it streams becomes events, its value the final answer. */
export class ExternalAgent extends BaseAgent {
  readonly #scope: TurnScope;
  readonly #plan: ExternalPlan;
  readonly #task: string | undefined;
  readonly #key: string | undefined;

  /** With a `key` that was used before, it answers as it did then, or `CALL_OUTCOME_UNKNOWN`: its work is not done twice. */
  constructor(scope: TurnScope, plan: ExternalPlan, task: string | undefined, key?: string) {
    super({ name: plan.name, description: plan.description });
    this.#scope = scope;
    this.#plan = plan;
    this.#task = task;
    this.#key = key;
  }

  protected override async *runAsyncImpl(context: InvocationContext): AsyncGenerator<Event, void, void> {
    const { parts, call, signal, isStreaming } = this.#scope;
    const task = this.#task ?? this.#lastMessage();
    const stream = parts.router.stream({
      capability: this.#plan.capability,
      args: { task },
      caller: 'agent:clay',
      timeoutMs: parts.config.limits.turnMs,
      signal,
      session: call,
      ...(this.#key !== undefined && { key: this.#key }),
    });
    let written = '';
    try {
      for (let step = await stream.next(); ; step = await stream.next()) {
        if (step.done) {
          const answer = typeof step.value === 'string' && step.value !== '' ? step.value : written;
          yield this.#event(context, { content: { role: 'model', parts: [{ text: answer || '(no answer)' }] } });
          return;
        }
        const part = toPart(step.value);
        if (step.value.type === 'text') written += step.value.text;
        if (part.text === undefined) {
          const role = part.functionResponse ? 'user' : 'model';
          yield this.#event(context, { content: { role, parts: [part] } });
        } else if (isStreaming && part.text !== '') {
          yield this.#event(context, { content: { role: 'model', parts: [part] }, partial: true });
        }
      }
    } catch (thrown) {
      if (signal.aborted) return;
      const { error, code } = failureResponse(thrown);
      const content: Content = { role: 'model', parts: [{ text: written }] };
      yield this.#event(context, {
        ...(written.trim() !== '' && { content }),
        errorCode: String(code),
        errorMessage: String(error),
      });
    } finally {
      await stream.return(null).catch(() => undefined);
    }
  }

  // biome-ignore lint/correctness/useYield: the engine's interface wants a generator.
  protected override async *runLiveImpl(): AsyncGenerator<Event, void, void> {
    throw new ClayError('CONFLICT', `The agent ${this.name} cannot be used live.`);
  }

  #event(
    context: InvocationContext,
    fields: Partial<Pick<Event, 'content' | 'partial' | 'errorCode' | 'errorMessage'>>,
  ): Event {
    const { invocationId, branch } = context;
    return createEvent({
      ...this.#scope.parts.redactor.json(fields),
      invocationId,
      author: this.name,
      ...(branch !== undefined && { branch }),
    });
  }

  #lastMessage(): string {
    const message = this.#scope.live.events.findLast(
      ({ author, isolationScope }) => author === 'user' && isolationScope === undefined,
    );
    return message ? eventText(message) : '';
  }
}

function toPart(event: StreamEvent): Part {
  switch (event.type) {
    case 'text':
      return { text: event.text };
    case 'thought':
      return { text: event.text, thought: true };
    case 'tool_call':
      return { functionCall: { id: event.id, name: event.name, args: toResponse(event.args) } };
    case 'tool_result':
      return { functionResponse: { id: event.id, name: event.name, response: toResponse(event.result) } };
  }
}
