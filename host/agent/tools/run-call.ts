import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { InvocationContext } from '../adk.ts';
import type { FunctionCall } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import { callKey } from '../sessions/repair.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { HostTool } from './host-tool.ts';
import { RepeatGuard } from './repeat-guard.ts';
import { limitResponse } from './result-limit.ts';
import { failureResponse, type ToolResponse, toResponse } from './tool-response.ts';
import { malformedArguments, type RunCall } from './tool-steps.ts';

/** The tools of one agent, as they are at the moment of asking. */
export interface OfferedTools {
  readonly names: () => readonly string[];
  readonly hostTool: (name: string) => HostTool | undefined;
}

/** Makes the function that runs the calls of one agent in one turn. */
export function createRunCall(scope: TurnScope, offered: OfferedTools): RunCall {
  const guard = new RepeatGuard();
  return async (call, event, context) => {
    const name = call.name ?? '';
    const args = (call.args ?? {}) as JsonObject;
    const endSpan = scope.trace.beginTool(name, args, call.id);
    const response = await guarded(guard, name, args, malformedArguments(event, call.id) === undefined, async () =>
      toResponse(await use(scope, offered, call, event, context)),
    );
    const limited = limitResponse(scope.parts.redactor.json(response), call.id ?? 'unnamed', {
      characters: scope.parts.config.limits.toolResultChars,
      artifacts: scope.parts.store.artifacts,
      session: scope.live.key,
    });
    endSpan(limited);
    return limited;
  };
}

async function guarded(
  guard: RepeatGuard,
  name: string,
  args: JsonObject,
  isGuarded: boolean,
  work: () => Promise<ToolResponse>,
): Promise<ToolResponse> {
  const advice = isGuarded ? guard.check(name, args) : undefined;
  if (advice) return advice;
  const response = await work().catch(failureResponse);
  if (isGuarded) guard.note(name, args, response);
  return response;
}

async function use(
  scope: TurnScope,
  offered: OfferedTools,
  call: FunctionCall,
  event: LiveEvent,
  context: InvocationContext,
): Promise<Json> {
  const name = call.name ?? '';
  const args = (call.args ?? {}) as JsonObject;
  const raw = malformedArguments(event, call.id);
  if (raw !== undefined) throw malformed(name, raw, event.finishReason === 'MAX_TOKENS');
  const own = offered.hostTool(name);
  if (own) return own.run(call, args, scope, context);
  if (!offered.names().includes(name)) throw unknownTool(name, offered.names());
  return scope.running.track(
    scope.parts.router.call({
      capability: `tool:${name}`,
      args,
      caller: `agent:${event.author ?? 'clay'}`,
      key: callKey(scope.call.turn, call.id),
      signal: scope.signal,
      session: scope.call,
      onProgress: (text) => showProgress(scope, event, call, text),
    }),
  );
}

function malformed(name: string, raw: string, wasCut: boolean): ClayError {
  const received = raw.length > 300 ? `${raw.slice(0, 300)}…` : raw;
  const advice = wasCut
    ? 'The answer reached its token limit inside this call: send less at once, for example in several calls.'
    : 'Send the call again with one valid JSON object.';
  const message = `The arguments of ${name} were not a JSON object, so it was not run. ${advice}`;
  return new ClayError('BAD_ARGUMENTS', message, { data: { received } });
}

function unknownTool(name: string, known: readonly string[]): ClayError {
  return new ClayError('CAPABILITY_UNKNOWN', `There is no tool named "${name}". The tools are: ${known.join(', ')}.`);
}

function showProgress(scope: TurnScope, event: LiveEvent, call: FunctionCall, text: string): void {
  if (!scope.isStreaming || !event.author) return;
  scope.show({
    id: `progress-${call.id}`,
    invocationId: scope.call.turn,
    author: event.author,
    timestamp: scope.parts.clock.now(),
    partial: true,
    actions: { stateDelta: {}, artifactDelta: {} },
    customMetadata: {
      progress: { callId: call.id ?? '', tool: call.name ?? '', text: scope.parts.redactor.text(text) },
    },
  });
}
