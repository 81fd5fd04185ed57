import type { JsonObject } from '@clay/sdk';

/** A sentence that a person would say, and the call it means. It is understood only where the tool is loaded. */
interface Sentence {
  readonly pattern: RegExp;
  readonly tool: string;
  readonly args: (match: readonly string[]) => JsonObject;
}

const sentences: readonly Sentence[] = [
  {
    pattern: /^(?:please )?remember(?: that|:)? (.+)$/is,
    tool: 'memory',
    args: ([, content = '']) => ({ action: 'store', content }),
  },
  {
    pattern: /^(?:what do you (?:remember|know)|do you remember) (?:about |of )?(.+?)\??$/is,
    tool: 'memory',
    args: ([, query = '']) => ({ action: 'search', query }),
  },
  { pattern: /^what do you remember\??$/i, tool: 'memory', args: () => ({ action: 'recall' }) },
  { pattern: /^recall\??$/i, tool: 'memory', args: () => ({ action: 'recall' }) },
  { pattern: /^recall (.+)$/is, tool: 'memory', args: ([, query = '']) => ({ action: 'search', query }) },
  {
    pattern: /^(?:add (?:a )?task(?: to|:)?|todo:?|remind me to) (.+)$/is,
    tool: 'tasks',
    args: ([, title = '']) => ({ action: 'add', title }),
  },
  {
    pattern: /^(?:(?:list|show)(?: me)?(?: my| all)? tasks|what are my tasks|tasks)\??$/i,
    tool: 'tasks',
    args: () => ({ action: 'list' }),
  },
  {
    pattern: /^(?:complete|finish|done with) task #?(\d+)$/i,
    tool: 'tasks',
    args: ([, id]) => ({ action: 'complete', id: Number(id) }),
  },
  { pattern: /^start task #?(\d+)$/i, tool: 'tasks', args: ([, id]) => ({ action: 'start', id: Number(id) }) },
  {
    pattern: /^(?:remove|delete) task #?(\d+)$/i,
    tool: 'tasks',
    args: ([, id]) => ({ action: 'remove', id: Number(id) }),
  },
  {
    pattern: /^read (?:your )?(SOUL|IDENTITY|USER|HEARTBEAT|BOOTSTRAP)(?:\.md)?$/i,
    tool: 'soul',
    args: ([, name = '']) => ({ action: 'read', filename: `${name.toUpperCase()}.md` }),
  },
  { pattern: /^read (?:the )?(?:file )?(\S+)$/i, tool: 'read', args: ([, path = '']) => ({ path }) },
  {
    pattern: /^write (?:the file )?(\S+?): ?(.*)$/is,
    tool: 'write',
    args: ([, path = '', content = '']) => ({ path, content }),
  },
  {
    pattern: /^edit (?:the file )?(\S+?): ?(.+?) => (.*)$/is,
    tool: 'edit',
    args: ([, path = '', old_text = '', new_text = '']) => ({ path, old_text, new_text }),
  },
  { pattern: /^(?:find|search) (?:files )?(\S+)$/i, tool: 'search', args: ([, pattern = '']) => ({ pattern }) },
  { pattern: /^(?:run|\$) (.+)$/is, tool: 'bash', args: ([, command = '']) => ({ command }) },
  {
    pattern: /^ask (\S+) (?:to |about )?(.+)$/is,
    tool: 'delegate',
    args: ([, agent = '', task = '']) => ({ agent, task }),
  },
];

export interface UnderstoodCall {
  readonly name: string;
  readonly args: JsonObject;
}

export function understand(sentence: string, hasTool: (name: string) => boolean): UnderstoodCall | undefined {
  for (const { pattern, tool, args } of sentences) {
    const match = hasTool(tool) ? pattern.exec(sentence.trim()) : null;
    if (match) return { name: tool, args: args(match) };
  }
  return undefined;
}
