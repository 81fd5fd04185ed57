import type { AnthropicRequest } from './anthropic-rules.ts';

export type ScriptedAnswer = ScriptedMessage | ScriptedFailure | ScriptedRaw;

/** An answer of the model. Blocks come in the order: thinking, text, calls. */
export interface ScriptedMessage {
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly redacted?: string;
  readonly text?: string;
  readonly calls?: readonly ScriptedCall[];
  /** Default: `tool_use` with calls, else `end_turn`. */
  readonly stopReason?: string;
  readonly usage?: Readonly<Record<string, number>>;
  /** Characters of a text delta. Default 12. */
  readonly pieceLength?: number;
  /** The connection breaks after that many events. */
  readonly cutAfter?: number;
  /** Nothing more comes after that many events, and the connection stays open. */
  readonly hangAfter?: number;
  /** The stream ends with an error event after its blocks. */
  readonly errorEvent?: { readonly type: string; readonly message: string };
  /** Awaited after each event. */
  readonly beforeNext?: (sent: number) => Promise<void>;
}

export interface ScriptedCall {
  /** Default: made, unique. */
  readonly id?: string;
  readonly name: string;
  readonly input?: unknown;
  /** Sent instead of the input, as it is. */
  readonly rawJson?: string;
}

export interface ScriptedFailure {
  readonly status: number;
  readonly type: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScriptedRaw {
  readonly raw: string;
  readonly contentType: string;
}

export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

let lastId = 0;

export function* streamEvents(answer: ScriptedMessage, request: AnthropicRequest): Generator<StreamEvent> {
  const usage = { input_tokens: 25, output_tokens: 1, ...answer.usage };
  yield {
    type: 'message_start',
    message: {
      id: `msg_${++lastId}`,
      type: 'message',
      role: 'assistant',
      model: request.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage,
    },
  };
  yield { type: 'ping' };
  let index = 0;
  for (const block of blocks(answer)) {
    yield { type: 'content_block_start', index, content_block: block.start };
    for (const delta of block.deltas) yield { type: 'content_block_delta', index, delta };
    yield { type: 'content_block_stop', index };
    index++;
  }
  if (answer.errorEvent) {
    yield { type: 'error', error: answer.errorEvent };
    return;
  }
  const stopReason = answer.stopReason ?? (answer.calls?.length ? 'tool_use' : 'end_turn');
  yield {
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { output_tokens: usage.output_tokens + 14 },
  };
  yield { type: 'message_stop' };
}

interface Block {
  readonly start: unknown;
  readonly deltas: readonly unknown[];
}

function blocks(answer: ScriptedMessage): Block[] {
  const list: Block[] = [];
  const length = answer.pieceLength ?? 12;
  if (answer.thinking) {
    const { text, signature } = answer.thinking;
    list.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(text, length).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature },
      ],
    });
  }
  if (answer.redacted) list.push({ start: { type: 'redacted_thinking', data: answer.redacted }, deltas: [] });
  if (answer.text !== undefined) {
    const deltas = pieces(answer.text, length).map((text) => ({ type: 'text_delta', text }));
    list.push({ start: { type: 'text', text: '' }, deltas });
  }
  for (const call of answer.calls ?? []) {
    const json = call.rawJson ?? JSON.stringify(call.input ?? {});
    // As the real API does it: a call without arguments comes with one empty delta.
    const deltas = json === '{}' ? [''] : pieces(json, length);
    list.push({
      start: { type: 'tool_use', id: call.id ?? `toolu_${++lastId}`, name: call.name, input: {} },
      deltas: deltas.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    });
  }
  return list;
}

function pieces(text: string, length: number): string[] {
  const list: string[] = [];
  for (let start = 0; start < text.length; start += length) list.push(text.slice(start, start + length));
  return list;
}
