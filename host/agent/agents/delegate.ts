import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { Event, InvocationContext } from '../adk.ts';
import type { EventJson, FunctionCall } from '../event-json.ts';
import type { HostTool } from '../tools/host-tool.ts';
import { finalText } from '../turns/outcome.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { AgentPlan } from './agent-definition.ts';
import { buildAgent } from './build-agent.ts';
import { loopOutcome } from './loop/loop-outcome.ts';

export const delegateName = 'delegate';

/**
 * The tool that gives a task to another agent and brings its answer back. The agent works on the task alone; its events are
 * stored and shown under the id of this call, and it shares the turn's limits and accounts.
 */
export function createDelegateTool(plans: () => readonly AgentPlan[]): HostTool {
  return {
    name: delegateName,
    isParallel: true,
    isOffered: () => plans().length > 0,
    get description() {
      const list = plans().map(({ name, description }) => `- ${name}: ${description}`);
      return `Gives a task to another agent and waits for its answer. The agent sees the task only, not this conversation:\n${list.join('\n')}`;
    },
    get parameters() {
      return {
        type: 'object',
        properties: {
          agent: { type: 'string', enum: plans().map(({ name }) => name) },
          task: { type: 'string', description: 'Everything the agent has to know.' },
        },
        required: ['agent', 'task'],
      };
    },
    run: (call, args, scope, context) => delegate(call, args, scope, context, plans()),
  };
}

async function delegate(
  call: FunctionCall,
  args: JsonObject,
  scope: TurnScope,
  context: InvocationContext,
  plans: readonly AgentPlan[],
): Promise<Json> {
  const queue = context.eventQueue;
  const run = runDelegated(call, args, scope, context, plans);
  for (let step = await run.next(); ; step = await run.next()) {
    if (step.done) return step.value;
    queue?.push(step.value);
    // The agent goes on, and runs the calls of this event, only when the event is in the database.
    if (!step.value.partial) await scope.committed(step.value.id);
  }
}

/** Yields the events of the agent that works on the task, each under the id of the call; gives the call's result. */
export async function* runDelegated(
  call: FunctionCall,
  { agent: name, task }: JsonObject,
  scope: TurnScope,
  context: InvocationContext,
  plans: readonly AgentPlan[],
): AsyncGenerator<Event, Json> {
  const plan = plans.find((candidate) => candidate.name === name);
  if (!plan) {
    const known = plans.map((candidate) => candidate.name).join(', ');
    throw new ClayError('NOT_FOUND', `There is no agent named ${JSON.stringify(name)}. There are: ${known}.`);
  }
  if (typeof task !== 'string' || task.trim() === '') {
    throw new ClayError('BAD_ARGUMENTS', 'delegate wants {"agent": string, "task": non-empty string}.');
  }
  const callId = call.id ?? '';
  const helpers = (names: readonly string[]) =>
    createDelegateTool(() => plans.filter((known) => names.includes(known.name) && known.type !== 'signal-loop'));
  const agent = buildAgent(scope, plan, { task, helpers, transferTargets: [], isInLoop: false });
  const endSpan = scope.trace.beginAgent(plan.name);
  const events: EventJson[] = [];
  try {
    for await (const event of agent.runAsync(context.clone({ agent, isolationScope: callId }))) {
      event.isolationScope ??= callId;
      if (!event.partial) events.push(event);
      yield event;
    }
  } finally {
    endSpan();
  }
  return plan.type === 'signal-loop' ? loopOutcome(plan, scope.live.events, callId) : answerOf(plan, events);
}

function answerOf(plan: AgentPlan, events: readonly EventJson[]): Json {
  const text = finalText(events);
  const failed = events.findLast(({ errorCode }) => errorCode !== undefined);
  if (failed) {
    const message = `The agent ${plan.name} could not finish: ${failed.errorMessage ?? failed.errorCode}`;
    throw new ClayError('MODEL', message, { output: text });
  }
  return { agent: plan.name, answer: text };
}
