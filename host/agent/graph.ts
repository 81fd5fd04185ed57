/** What the ADK web UI draws. */
export interface AgentGraph {
  readonly name: string;
  readonly rootAgent: AgentNode;
}

export interface AgentNode {
  readonly name: string;
  readonly type: 'llm' | 'sequence' | 'parallel' | 'loop' | 'external';
  readonly description: string;
  readonly model?: string;
  readonly tools: readonly string[];
  readonly agents: readonly AgentNode[];
}
