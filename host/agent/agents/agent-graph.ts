import type { Registry } from '../../registry/registry.ts';
import type { AgentGraph, AgentNode } from '../graph.ts';
import type { AgentPlan } from './agent-definition.ts';

/** What a turn that starts now would be built of. */
export function describeAgents(
  root: string,
  model: string,
  plans: readonly AgentPlan[],
  registry: Registry,
): AgentGraph {
  const own = [
    'artifact_read',
    ...(plans.length > 0 ? ['delegate'] : []),
    ...(plans.some(({ type }) => type !== 'signal-loop') ? ['transfer_to_agent'] : []),
  ];
  const tools = registry
    .list('tool')
    .map(({ name }) => name)
    .filter((name) => !own.includes(name));
  return {
    name: root,
    rootAgent: {
      name: root,
      type: 'llm',
      description: 'The main agent',
      model,
      tools: [...tools, ...own],
      agents: plans.map((plan) => describe(plan, model, tools)),
    },
  };
}

function describe(plan: AgentPlan, model: string, tools: readonly string[]): AgentNode {
  const { name, type, description } = plan;
  switch (type) {
    case 'llm': {
      const allowed = plan.tools === undefined ? tools : tools.filter((tool) => plan.tools?.includes(tool));
      const own = plan.delegates.length > 0 ? ['artifact_read', 'delegate'] : ['artifact_read'];
      return { name, type, description, model: plan.model ?? model, tools: [...allowed, ...own], agents: [] };
    }
    case 'external':
      return { name, type, description, tools: [], agents: [] };
    case 'sequence':
    case 'parallel':
    case 'loop':
    case 'signal-loop': {
      const shown = type === 'signal-loop' ? 'loop' : type;
      const agents = plan.agents.map((agent) => describe(agent, model, tools));
      return { name, type: shown, description, tools: [], agents };
    }
  }
}
