import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { JsonObject } from '@clay/sdk';
import type { Part } from '../../event-json.ts';
import type { FinishReason, ModelResponse, SpentAnswer } from '../model.ts';
import { redactedThoughtPart, signedThoughtPart } from './signature.ts';
import { Tokens } from './tokens.ts';

type OpenBlock =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'thinking'; text: string; signature: string }
  | { readonly kind: 'redacted'; readonly data: string }
  | { readonly kind: 'call'; readonly id: string; readonly name: string; readonly given: unknown; json: string };

const charactersPerToken = 4;

/** Puts the events of one answer together. */
export class Answer {
  readonly #origin: string;
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #tokens = new Tokens();
  #model: string | undefined;
  #stopReason: string | undefined;
  #hasBegun = false;
  #hasEnded = false;

  constructor(origin: string) {
    this.#origin = origin;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** False for an answer that was cut. */
  get isWhole(): boolean {
    return this.#hasEnded && this.#stopReason !== undefined;
  }

  /** Takes one event in; gives the piece to show at once, if it holds one. */
  add(event: RawMessageStreamEvent): Part | undefined {
    switch (event.type) {
      case 'message_start':
        this.#hasBegun = true;
        this.#model = event.message.model;
        this.#tokens.count(event.message.usage);
        return undefined;
      case 'content_block_start':
        this.#blocks.set(event.index, openBlock(event.content_block));
        return undefined;
      case 'content_block_delta':
        return this.#extend(event.index, event.delta);
      case 'message_delta':
        this.#stopReason = event.delta.stop_reason ?? this.#stopReason;
        this.#tokens.count(event.usage);
        return undefined;
      case 'message_stop':
        this.#hasEnded = true;
        return undefined;
      case 'content_block_stop':
        return undefined;
    }
  }

  /**
   * What it has cost so far; undefined before the provider has counted anything. How much was written stands at the end of
   * an answer only: of one that was cut it is estimated.
   */
  spent(): SpentAnswer | undefined {
    if (this.#tokens.isEmpty) return undefined;
    if (this.#stopReason === undefined) this.#tokens.count({ output_tokens: this.#writtenTokens() });
    return this.#tokens.stated();
  }

  #writtenTokens(): number {
    const written = [...this.#blocks.values()].map((block) => {
      if (block.kind === 'call') return block.json.length;
      return block.kind === 'redacted' ? block.data.length : block.text.length;
    });
    return Math.ceil(written.reduce((sum, length) => sum + length, 0) / charactersPerToken);
  }

  response(): ModelResponse {
    const malformed: Record<string, string> = {};
    const parts = [...this.#blocks.entries()]
      .sort(([a], [b]) => a - b)
      .flatMap(([, block]) => this.#toPart(block, malformed) ?? []);
    return {
      content: { role: 'model', parts },
      finishReason: finishReason(this.#stopReason),
      ...this.#tokens.stated(),
      ...(this.#model && { modelVersion: this.#model }),
      ...(Object.keys(malformed).length > 0 && { malformedCalls: malformed }),
    };
  }

  #extend(index: number, delta: Extract<RawMessageStreamEvent, { type: 'content_block_delta' }>['delta']) {
    const block = this.#blocks.get(index);
    if (delta.type === 'text_delta' && block?.kind === 'text') {
      block.text += delta.text;
      return delta.text === '' ? undefined : { text: delta.text };
    }
    if (delta.type === 'thinking_delta' && block?.kind === 'thinking') {
      block.text += delta.thinking;
      return delta.thinking === '' ? undefined : { text: delta.thinking, thought: true };
    }
    if (delta.type === 'signature_delta' && block?.kind === 'thinking') block.signature += delta.signature;
    if (delta.type === 'input_json_delta' && block?.kind === 'call') block.json += delta.partial_json;
    return undefined;
  }

  #toPart(block: OpenBlock, malformed: Record<string, string>): Part | undefined {
    switch (block.kind) {
      case 'text':
        return block.text.trim() === '' ? undefined : { text: block.text };
      case 'thinking':
        // Without a signature it can never be shown to the provider again, but a person may still read it.
        if (block.signature === '') return block.text === '' ? undefined : { text: block.text, thought: true };
        return signedThoughtPart(this.#origin, block.text, block.signature);
      case 'redacted':
        return redactedThoughtPart(this.#origin, block.data);
      case 'call': {
        const args = parseArguments(block);
        if (!args) malformed[block.id] = block.json;
        return { functionCall: { id: block.id, name: block.name, args: args ?? {} } };
      }
    }
  }
}

function openBlock(block: Extract<RawMessageStreamEvent, { type: 'content_block_start' }>['content_block']): OpenBlock {
  switch (block.type) {
    case 'text':
      return { kind: 'text', text: block.text };
    case 'thinking':
      return { kind: 'thinking', text: block.thinking, signature: block.signature ?? '' };
    case 'redacted_thinking':
      return { kind: 'redacted', data: block.data };
    case 'tool_use':
      return { kind: 'call', id: block.id, name: block.name, given: block.input, json: '' };
    default:
      return { kind: 'text', text: '' };
  }
}

/** Undefined when the arguments are no JSON object. No arguments at all are an empty object. */
function parseArguments({ json, given }: { readonly json: string; readonly given: unknown }): JsonObject | undefined {
  if (json.trim() === '') return isObject(given) ? given : {};
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function finishReason(stopReason: string | undefined): FinishReason {
  switch (stopReason) {
    case 'end_turn':
    case 'tool_use':
    case 'stop_sequence':
    case 'pause_turn':
      return 'STOP';
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return 'MAX_TOKENS';
    case 'refusal':
      return 'SAFETY';
    default:
      return 'OTHER';
  }
}
