import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { Event, InvocationContext } from '../adk.ts';
import type { EventJson, FunctionCall } from '../event-json.ts';
import type { HostTool } from '../tools/host-tool.ts';
import { finalText } from '../turns/outcome.ts';
import type { TurnScope } from '../turns/turn-scope.ts';
import type { AgentPlan } from './agent-definition.ts';
import { buildAgent } from './build-agent.ts';

/**
 * The tool that gives a task to another agent and brings its answer back. The agent works on the task alone; its events are
 * stored and shown under the id of this call, and it shares the turn's limits and accounts.
 */
export function createDelegateTool(plans: () => readonly AgentPlan[]): HostTool {
  return {
    name: 'delegate',
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
  { agent: name, task }: JsonObject,
  scope: TurnScope,
  context: InvocationContext,
  plans: readonly AgentPlan[],
): Promise<Json> {
  const plan = plans.find((candidate) => candidate.name === name);
  if (!plan) {
    const known = plans.map((candidate) => candidate.name).join(', ');
    throw new ClayError('NOT_FOUND', `There is no agent named ${JSON.stringify(name)}. There are: ${known}.`);
  }
  if (typeof task !== 'string' || task.trim() === '') {
    throw new ClayError('BAD_ARGUMENTS', 'delegate wants {"agent": string, "task": non-empty string}.');
  }
  const events = await runDelegated(call.id ?? '', plan, task, scope, context);
  const text = finalText(events);
  const failed = events.findLast(({ errorCode }) => errorCode !== undefined);
  if (failed) {
    const message = `The agent ${plan.name} could not finish: ${failed.errorMessage ?? failed.errorCode}`;
    throw new ClayError('MODEL', message, { output: text });
  }
  return { agent: plan.name, answer: text };
}

async function runDelegated(
  callId: string,
  plan: AgentPlan,
  task: string,
  scope: TurnScope,
  context: InvocationContext,
): Promise<EventJson[]> {
  const agent = buildAgent(scope, plan, { task, transferTargets: [], isInLoop: false });
  const queue = context.eventQueue;
  const endSpan = scope.trace.beginAgent(plan.name);
  const events: EventJson[] = [];
  try {
    for await (const event of agent.runAsync(context.clone({ agent, isolationScope: callId }))) {
      const scoped = asScoped(event, callId);
      queue?.push(scoped);
      if (scoped.partial) continue;
      // The agent goes on, and runs the calls of this event, only when the event is in the database.
      await scope.committed(scoped.id);
      events.push(scoped);
    }
  } finally {
    endSpan();
  }
  return events;
}

function asScoped(event: Event, isolationScope: string): Event {
  event.isolationScope ??= isolationScope;
  return event;
}
