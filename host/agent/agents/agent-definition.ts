import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { Capability, Registry } from '../../registry/registry.ts';
import { parseSignalLoop, type SignalLoopPlan } from './loop/loop-plan.ts';

/** An agent as plugins describe it, checked. */
export type AgentPlan = LlmPlan | WorkflowPlan | SignalLoopPlan | ExternalPlan;

interface NamedPlan {
  readonly name: string;
  readonly description: string;
  /** Who provides it. */
  readonly plugin: string;
}

export interface LlmPlan extends NamedPlan {
  readonly type: 'llm';
  readonly instruction: string;
  readonly tools: readonly string[] | undefined;
  /** Who it may give tasks to. */
  readonly delegates: readonly string[];
  readonly model: string | undefined;
  readonly outputKey: string | undefined;
}

export interface WorkflowPlan extends NamedPlan {
  readonly type: 'sequence' | 'parallel' | 'loop';
  readonly agents: readonly AgentPlan[];
  readonly maxIterations: number;
}

export interface ExternalPlan extends NamedPlan {
  readonly type: 'external';
  /** What the host streams from. */
  readonly capability: string;
}

const namePattern = /^[\p{ID_Start}_][\p{ID_Continue}_-]*$/u;
const defaultIterations = 8;

/** The agents that plugins provide. One that is described badly, or whose name is taken, is left out and reported. */
export function listAgents(registry: Registry, rootName: string, onBad: (error: ClayError) => void): AgentPlan[] {
  const names = new Set([rootName, 'user']);
  // An external agent inside another one is listed too, so that it can be called; it is no agent of its own.
  const whole = registry.list('agent').filter(({ details }) => (details.parent ?? null) === null);
  return whole.flatMap((capability) => {
    try {
      const plan = parseAgent(capability);
      for (const name of namesIn(plan)) {
        if (names.has(name)) throw bad(capability, `the name "${name}" is taken`);
        names.add(name);
      }
      return [plan];
    } catch (error) {
      if (!(error instanceof ClayError)) throw error;
      onBad(error);
      return [];
    }
  });
}

export function parseAgent(capability: Capability): AgentPlan {
  return parse(capability.details.definition ?? null, capability);
}

function parse(data: Json, capability: Capability): AgentPlan {
  if (!isObject(data)) throw bad(capability, 'an agent must be an object');
  const { name, type } = data;
  if (typeof name !== 'string' || !namePattern.test(name)) {
    throw bad(capability, `the name ${JSON.stringify(name)} is not an identifier`);
  }
  const named = { name, description: text(data.description) ?? '', plugin: capability.plugin };
  switch (type) {
    case 'llm':
      return {
        ...named,
        type,
        instruction: text(data.instruction) ?? '',
        tools: Array.isArray(data.tools) ? data.tools.map(String) : undefined,
        delegates: Array.isArray(data.delegates) ? data.delegates.map(String) : [],
        model: text(data.model),
        outputKey: text(data.outputKey),
      };
    case 'sequence':
    case 'parallel':
    case 'loop': {
      const agents = Array.isArray(data.agents) ? (data.agents as readonly Json[]) : [];
      if (agents.length === 0) throw bad(capability, `the ${type} "${name}" has no agents`);
      const plans = agents.map((agent) => parse(agent, capability));
      if (plans.some((plan) => plan.type === 'signal-loop')) {
        throw bad(capability, `a loop until "signal" stands by itself, not within the ${type} "${name}"`);
      }
      const { until = 'exit' } = data;
      const maxIterations = iterationsOf(data);
      if (until === 'exit') return { ...named, type, agents: plans, maxIterations };
      if (type !== 'loop' || until !== 'signal') {
        throw bad(
          capability,
          `the ${type} "${name}" ends until ${JSON.stringify(until)}; a loop may by exit or signal`,
        );
      }
      return parseSignalLoop(data, named, plans, maxIterations, (reason) => bad(capability, reason));
    }
    case 'external':
      return { ...named, type, capability: `agent:${name}` };
    default:
      throw bad(capability, `the type ${JSON.stringify(type)} is none of llm, sequence, parallel, loop, external`);
  }
}

function iterationsOf({ maxIterations }: JsonObject): number {
  return Number.isInteger(maxIterations) && Number(maxIterations) > 0 ? Number(maxIterations) : defaultIterations;
}

function* namesIn(plan: AgentPlan): Generator<string> {
  yield plan.name;
  if ('agents' in plan) for (const agent of plan.agents) yield* namesIn(agent);
}

function bad({ fullName, plugin }: Capability, reason: string): ClayError {
  return new ClayError('BAD_ARGUMENTS', `${fullName} of plugin "${plugin}" cannot be used: ${reason}.`);
}

function text(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
