import type { ToolDeclaration } from '../model.ts';
import { parseArguments } from './arguments.ts';
import { type UnderstoodCall, understand } from './sentences.ts';

/** What a message asks for: steps one after another, the calls of a step side by side. */
export interface Script {
  readonly steps: readonly Step[];
  /** What could not be read, in words for the person. Nothing runs then. */
  readonly problems: readonly string[];
  readonly wants: 'help' | 'tools' | null;
}

export interface Step {
  readonly says: readonly string[];
  readonly calls: readonly UnderstoodCall[];
}

export function readScript(message: string, tools: readonly ToolDeclaration[]): Script {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const problems: string[] = [];
  const steps: { says: string[]; calls: UnderstoodCall[] }[] = [{ says: [], calls: [] }];
  let wants: Script['wants'] = null;
  for (const line of commandLines(message)) {
    const step = steps.at(-1)!;
    const [, command, rest = ''] = /^\/(\S+)\s*(.*)$/s.exec(line) ?? [];
    if (/^(\/help|help|what can you do)\??$/i.test(line)) wants = 'help';
    else if (/^(\/tools|list tools|what tools do you have)\??$/i.test(line)) wants = 'tools';
    else if (command === 'then') steps.push({ says: [], calls: [] });
    else if (command === 'say') step.says.push(rest);
    else if (command !== undefined) {
      const call = readCommand(command, rest, byName);
      if ('problem' in call) problems.push(`\`${line.split('\n')[0]}\`: ${call.problem}`);
      else step.calls.push(call);
    } else {
      const call = understand(line, (name) => byName.has(name));
      if (call) step.calls.push(call);
    }
  }
  return { steps: steps.filter(({ says, calls }) => says.length + calls.length > 0), problems, wants };
}

/** Lines; one that does not begin a command goes on with the one before it, so that texts may have several lines. */
function commandLines(message: string): string[] {
  const lines: string[] = [];
  for (const line of message.trim().split('\n')) {
    const isBeginning = line.startsWith('/') || lines.length === 0 || !lines.at(-1)!.startsWith('/');
    const continuesSentence = lines.length > 0 && /^(write|edit|run|\$) /i.test(lines.at(-1)!);
    if (isBeginning && !(continuesSentence && !line.startsWith('/'))) lines.push(line.trim());
    else lines.push(`${lines.pop()!}\n${line}`);
  }
  return lines;
}

function readCommand(
  command: string,
  rest: string,
  tools: ReadonlyMap<string, ToolDeclaration>,
): UnderstoodCall | { readonly problem: string } {
  const [, name = '', text = ''] = command === 'tool' ? (/^(\S+)\s*(.*)$/s.exec(rest) ?? []) : ['', command, rest];
  if (name === '') return { problem: 'which tool? Write `/tool NAME key=value …`; `/tools` lists them' };
  if (command !== 'tool' && !tools.has(name))
    return { problem: `there is no command or tool "${name}"; type \`help\`` };
  const parsed = parseArguments(text, tools.get(name));
  return 'problem' in parsed ? parsed : { name, args: parsed.args };
}
