import type { Content, Part } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';

/** Whose eyes the conversation is seen with. */
export interface View {
  readonly agent: string;
  /** Of an agent that runs beside others: it does not see their branches. */
  readonly branch?: string | undefined;
  /** Of a delegated task: it sees its own events only, and nobody else sees those. */
  readonly isolationScope?: string | undefined;
  /** Marks text of others in what another agent's tools brought, which is told as text. */
  readonly mark: (content: Content) => Content;
}

const foreign = new WeakMap<LiveEvent, Content>();

/**
 * What one agent sees of a conversation. Contents are shared with the events and must not be changed: adapters keep what
 * they made of them.
 */
export function buildContents(events: readonly LiveEvent[], view: View): Content[] {
  const contents: Content[] = [];
  for (const event of events) {
    if (!event.content?.parts?.length || !isVisible(event, view)) continue;
    contents.push(event.author === 'user' || event.author === view.agent ? event.content : asTold(event, view.mark));
  }
  return contents;
}

function isVisible(event: LiveEvent, { branch, isolationScope }: View): boolean {
  if (event.isolationScope !== isolationScope) return false;
  if (!branch || !event.branch) return true;
  return branch === event.branch || branch.startsWith(`${event.branch}.`);
}

/** What another agent did, told as text; its thoughts stay its own. */
function asTold(event: LiveEvent, mark: View['mark']): Content {
  const known = foreign.get(event);
  if (known) return known;
  const { parts: told = [] } = mark(event.content ?? {});
  const parts = told.flatMap((part) => toldPart(part, event.author ?? 'agent') ?? []);
  const content: Content = { role: 'user', parts: parts.length > 0 ? [{ text: 'For context:' }, ...parts] : [] };
  foreign.set(event, content);
  return content;
}

function toldPart(part: Part, author: string): Part | undefined {
  if (part.thought) return undefined;
  if (part.text) return { text: `[${author}] said: ${part.text}` };
  if (part.functionCall) {
    const { name, args = {} } = part.functionCall;
    return { text: `[${author}] called tool \`${name}\` with parameters: ${JSON.stringify(args)}` };
  }
  if (part.functionResponse) {
    const { name, response = {} } = part.functionResponse;
    return { text: `[${author}] tool \`${name}\` returned result: ${JSON.stringify(response)}` };
  }
  return part.inlineData || part.fileData ? part : undefined;
}
