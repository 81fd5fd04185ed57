import type { ClayError, Json, JsonObject } from '@clay/sdk';
import type { AgentPlan, ExternalPlan, LlmPlan } from '../agent-definition.ts';

/** A loop until a signal, checked. */
export interface SignalLoopPlan {
  readonly type: 'signal-loop';
  readonly name: string;
  readonly description: string;
  readonly plugin: string;
  /** In the order of a round; the last one is the reviewer. */
  readonly agents: readonly LoopWorker[];
  readonly maxIterations: number;
  readonly caps: CapsPlan;
  /** Below the claw's root. */
  readonly gate: readonly string[];
}

export type LoopWorker = LlmPlan | ExternalPlan;

export interface CapsPlan {
  readonly minutes: number;
  readonly tokens: number;
  readonly costUsd: number;
  readonly tries: number;
}

const defaultCaps: CapsPlan = { minutes: 25, tokens: 5_000_000, costUsd: 5, tries: 3 };
/** A gate looks at files of the agents' own, never at whether something else of the claw is there. */
const gatePath = /^data\/ops\/(?!\.)[\w.-]+$/;

/** The parts of a loop until `signal`; `refuse` makes the error that names the agent. */
export function parseSignalLoop(
  data: JsonObject,
  named: Pick<SignalLoopPlan, 'name' | 'description' | 'plugin'>,
  agents: readonly AgentPlan[],
  maxIterations: number,
  refuse: (reason: string) => ClayError,
): SignalLoopPlan {
  const workers = agents.filter((agent) => agent.type === 'llm' || agent.type === 'external');
  if (workers.length < agents.length) throw refuse('the agents of a loop until "signal" are of type llm or external');
  if (workers.at(-1)?.type !== 'llm')
    throw refuse('the last agent of a loop until "signal" gives it: it must be an llm');
  return {
    ...named,
    type: 'signal-loop',
    agents: workers,
    maxIterations,
    caps: parseCaps(data.caps, refuse),
    gate: parseGate(data.gate, refuse),
  };
}

function parseCaps(data: Json | undefined, refuse: (reason: string) => ClayError): CapsPlan {
  const caps = { ...defaultCaps };
  for (const [name, value] of Object.entries((data ?? {}) as JsonObject)) {
    if (!Object.hasOwn(caps, name)) {
      throw refuse(`caps.${name} does not exist; there are ${Object.keys(caps).join(', ')}`);
    }
    if (typeof value !== 'number' || !(value > 0)) {
      throw refuse(`caps.${name} is ${JSON.stringify(value)} and must be a number above 0`);
    }
    caps[name as keyof CapsPlan] = value;
  }
  return caps;
}

function parseGate(data: Json | undefined, refuse: (reason: string) => ClayError): string[] {
  if (data === undefined) return [];
  if (!Array.isArray(data)) throw refuse(`its gate is ${JSON.stringify(data)} and must be a list of paths`);
  return data.map((path) => {
    if (typeof path !== 'string' || !gatePath.test(path)) {
      throw refuse(`the gate ${JSON.stringify(path)} is no file right below data/ops/`);
    }
    return path;
  });
}
