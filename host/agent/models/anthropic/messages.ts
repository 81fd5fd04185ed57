import type { Content } from '../../event-json.ts';
import { type Block, type Message, type ToolResultBlock, toBlocks } from './blocks.ts';

const converted = new WeakMap<Content, { readonly origin: string; readonly blocks: readonly Block[] }>();

/** The conversation as the Messages API takes it: whatever was stored, the result is valid. */
export function toMessages(contents: readonly Content[], origin: string): Message[] {
  const merged = mergeNeighbours(contents.map((content) => messageOf(content, origin)));
  const messages = mergeNeighbours(repairCalls(merged));
  if (messages[0]?.role !== 'user') messages.unshift({ role: 'user', content: [text('Continue.')] });
  if (messages.at(-1)?.role !== 'user') messages.push({ role: 'user', content: [text('Continue.')] });
  return messages;
}

/** The blocks of a content never change, so a long conversation is converted once, not at every call. */
function messageOf(content: Content, origin: string): Message {
  let entry = converted.get(content);
  if (entry?.origin !== origin) {
    entry = { origin, blocks: toBlocks(content, origin) };
    converted.set(content, entry);
  }
  return { role: content.role === 'model' ? 'assistant' : 'user', content: entry.blocks as Block[] };
}

function mergeNeighbours(messages: readonly Message[]): Message[] {
  const merged: Message[] = [];
  for (const message of messages) {
    if (message.content.length === 0) continue;
    const last = merged.at(-1);
    if (last?.role === message.role) last.content = [...last.content, ...message.content];
    else merged.push({ ...message });
  }
  return merged;
}

/**
 * Every call gets a fit, unique id and exactly one result, in the message right behind it, before any text. Calls without
 * a result (an interrupted turn) get an error; results without a call become text, so that nothing is lost.
 */
function repairCalls(messages: readonly Message[]): Message[] {
  const used = new Set<string>();
  const repaired: Message[] = [];
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index]!;
    if (message.role === 'user') {
      repaired.push({ role: 'user', content: message.content.map((block) => orphanToText(block)) });
      continue;
    }
    if (!message.content.some((block) => block.type === 'tool_use')) {
      repaired.push(message);
      continue;
    }
    const next = messages[index + 1];
    const answered = answerCalls(message, next?.role === 'user' ? next.content : [], used);
    repaired.push(answered.calls, answered.results);
    if (next?.role === 'user') index++;
  }
  return repaired;
}

function answerCalls(message: Message, behind: readonly Block[], used: Set<string>) {
  const results = behind.filter((block): block is ToolResultBlock => block.type === 'tool_result');
  const names = new Map<ToolResultBlock, boolean>(results.map((block) => [block, false]));
  const answers: Block[] = [];
  const calls = message.content.map((block): Block => {
    if (block.type !== 'tool_use') return block;
    const id = uniqueId(block.id, used);
    const result = results.find((candidate) => candidate.tool_use_id === block.id && !names.get(candidate));
    if (result) names.set(result, true);
    answers.push(result ? (result.tool_use_id === id ? result : { ...result, tool_use_id: id }) : missingResult(id));
    return block.id === id ? block : { ...block, id };
  });
  const rest = behind
    .filter((block) => block.type !== 'tool_result' || !names.get(block))
    .map((block) => orphanToText(block));
  const assistant: Message = { role: 'assistant', content: calls };
  const user: Message = { role: 'user', content: [...answers, ...rest] };
  return { calls: assistant, results: user };
}

function uniqueId(id: string, used: Set<string>): string {
  const base = id.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || 'call';
  let unique = base;
  for (let number = 2; used.has(unique) || unique === 'call'; number++) unique = `${base}_${number}`;
  used.add(unique);
  return unique;
}

function missingResult(id: string): Block {
  return {
    type: 'tool_result',
    tool_use_id: id,
    is_error: true,
    content: 'No result: the turn was interrupted before this tool answered. Whether it took effect is unknown.',
  };
}

function orphanToText(block: Block): Block {
  if (block.type !== 'tool_result') return block;
  const content = typeof block.content === 'string' ? block.content : JSON.stringify(block.content ?? '');
  return text(`[result of an earlier tool call: ${content}]`);
}

function text(value: string): Block {
  return { type: 'text', text: value };
}
