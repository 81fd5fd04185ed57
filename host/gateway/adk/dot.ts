import type { EventJson } from '../../agent/event-json.ts';
import type { AgentGraph, AgentNode } from '../../agent/graph.ts';

export interface DotOptions {
  readonly isDark: boolean;
}

interface Colors {
  readonly line: string;
  readonly text: string;
  readonly mark: string;
}

/** All agents with their tools, for Graphviz. */
export function drawAgents(graph: AgentGraph, options: DotOptions): string {
  return draw(graph, { names: new Set(), edges: new Set() }, options);
}

/** The same, with the agent that spoke and the tools that it used marked. */
export function drawEvent(graph: AgentGraph, event: EventJson, options: DotOptions): string {
  const author = event.author ?? '';
  const tools = (event.content?.parts ?? []).flatMap(
    (part) => part.functionCall?.name ?? part.functionResponse?.name ?? [],
  );
  const target = event.actions.transferToAgent;
  const used = target === undefined ? tools : [...tools, target];
  const edges = new Set(used.map((name) => edgeKey(author, name)));
  return draw(graph, { names: new Set([author, ...used]), edges }, options);
}

interface Marks {
  readonly names: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

function draw(graph: AgentGraph, marks: Marks, options: DotOptions): string {
  const colors: Colors = options.isDark
    ? { line: '#9aa0a6', text: '#e8eaed', mark: '#0f5223' }
    : { line: '#5f6368', text: '#202124', mark: '#69cb87' };
  const nodes = new Map<string, string>();
  const edges: string[] = [];
  visit(graph.rootAgent);
  return [
    'digraph {',
    '  rankdir=LR bgcolor="transparent";',
    `  node [fontname="sans-serif" fontsize=11 color="${colors.line}" fontcolor="${colors.text}"];`,
    `  edge [color="${colors.line}"];`,
    ...nodes.values(),
    ...edges,
    '}',
  ].join('\n');

  function visit(agent: AgentNode): void {
    addNode(agent.name, 'ellipse');
    for (const tool of agent.tools) {
      addNode(tool, 'box');
      addEdge(agent.name, tool);
    }
    for (const child of agent.agents) {
      visit(child);
      addEdge(agent.name, child.name);
    }
  }

  function addNode(name: string, shape: string): void {
    const fill = marks.names.has(name) ? ` style=filled fillcolor="${colors.mark}"` : '';
    nodes.set(name, `  ${quote(name)} [shape=${shape}${fill}];`);
  }

  function addEdge(from: string, to: string): void {
    const isUsed = marks.edges.has(edgeKey(from, to));
    edges.push(
      `  ${quote(from)} -> ${quote(to)}${isUsed ? ` [color="${colors.mark}" penwidth=2]` : ' [arrowhead=none]'};`,
    );
  }
}

function edgeKey(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

function quote(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
