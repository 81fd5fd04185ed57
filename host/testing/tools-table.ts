import { readFileSync } from 'node:fs';

export interface ToolRow {
  /** As the table has it: `read`, or `memory store`. */
  readonly name: string;
  readonly tool: string;
  /** Null: the tool has none. */
  readonly action: string | null;
  readonly parameters: readonly ToolParameter[];
  readonly plugin: string;
  /** Paths from the folder of the table. */
  readonly tests: readonly string[];
}

export interface ToolParameter {
  readonly name: string;
  readonly isRequired: boolean;
  /** The original did not have it. */
  readonly isNew: boolean;
}

export interface AgentRow {
  readonly name: string;
  readonly members: readonly string[];
  readonly plugin: string;
  readonly tests: readonly string[];
}

/** The tables of tools and agents in a Markdown file: rows of five cells, the first of them in backticks. */
export function readTable(file: string): { readonly tools: readonly ToolRow[]; readonly agents: readonly AgentRow[] } {
  const tools: ToolRow[] = [];
  const agents: AgentRow[] = [];
  let heading = '';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.length !== 5) continue;
    const [first = '', second = '', plugin = '', , held = ''] = cells;
    if (!first.startsWith('`')) {
      if (/^\w/.test(first)) heading = first;
      continue;
    }
    const name = first.replaceAll('`', '');
    const tests = [...held.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path);
    if (heading === 'Agent') agents.push({ name, members: namesIn(second), plugin, tests });
    else {
      const [tool = '', action = null] = name.split(' ');
      tools.push({ name, tool, action, parameters: parametersOf(second), plugin, tests });
    }
  }
  return { tools, agents };
}

function namesIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

function parametersOf(cell: string): readonly ToolParameter[] {
  const [old = '', added = ''] = cell.split('new:');
  const read = (text: string, isNew: boolean) =>
    [...text.matchAll(/`(\w+)`(\*?)/g)].map(([, name = '', star]) => ({ name, isRequired: star === '*', isNew }));
  return [...read(old, false), ...read(added, true)];
}
