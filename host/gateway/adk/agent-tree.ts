import type { AgentGraph, AgentNode } from '../../agent/graph.ts';

/** `build_graph` of the ADK API, which alone of all its answers is in snake case. */
export interface TreeJson {
  readonly name: string;
  readonly root_agent: TreeNodeJson;
}

export interface TreeNodeJson {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly model?: string;
  readonly tools: readonly { readonly name: string; readonly type: string }[];
  readonly sub_agents: readonly TreeNodeJson[];
  readonly rerun_on_resume: boolean;
}

const adkTypes: Record<AgentNode['type'], string> = {
  llm: 'LlmAgent',
  sequence: 'SequentialAgent',
  parallel: 'ParallelAgent',
  loop: 'LoopAgent',
  external: 'BaseAgent',
};

export function describeTree(graph: AgentGraph): TreeJson {
  return { name: graph.name, root_agent: describeNode(graph.rootAgent) };
}

function describeNode(node: AgentNode): TreeNodeJson {
  return {
    name: node.name,
    type: adkTypes[node.type],
    description: node.description,
    ...(node.model === undefined ? {} : { model: node.model }),
    tools: node.tools.map((name) => ({ name, type: 'FunctionTool' })),
    sub_agents: node.agents.map(describeNode),
    rerun_on_resume: false,
  };
}
