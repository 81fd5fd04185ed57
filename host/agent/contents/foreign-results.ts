import { type ForeignOrigin, foreignText } from '@clay/sdk';
import type { Registry } from '../../registry/registry.ts';
import type { Content, FunctionResponse } from '../event-json.ts';
import type { LiveEvent } from '../sessions/live-session.ts';
import { artifactRead } from '../tools/artifact-read.ts';
import { isLimitNote } from '../tools/result-limit.ts';

/** More texts than these are marked as one. */
const maxMarks = 3;
/** Generation of what came with the image. */
const shipped = 0;
/** Already marked, by the tool itself. */
const marked = /^\s*<foreign-[0-9a-f]{16} origin=/;
/** A single word, a number, an address: nothing that could be taken for a sentence. */
const word = /^\s*\S*\s*$/;

/**
 * Marks what tools bring of others for the model, and only for it: what is stored and shown stays as the tool gave it.
 * Foreign is what a tool says is (`foreign`), what comes from a tool that did not ship, and the answer of a helper that
 * has read any of it.
 */
export class ForeignResults {
  readonly #registry: Pick<Registry, 'get'>;
  readonly #events: () => readonly LiveEvent[];
  /** The same object for the same content: models keep what they made of it. */
  readonly #made = new WeakMap<Content, Content>();

  constructor(registry: Pick<Registry, 'get'>, events: () => readonly LiveEvent[]) {
    this.#registry = registry;
    this.#events = events;
  }

  mark(content: Content): Content {
    if (content.parts?.some((part) => part.functionResponse) !== true) return content;
    let made = this.#made.get(content);
    if (made === undefined) {
      made = { ...content, parts: content.parts.map((part) => this.#markPart(part)) };
      this.#made.set(content, made);
    }
    return made;
  }

  #markPart<P extends { functionResponse?: FunctionResponse }>(part: P): P {
    const { functionResponse } = part;
    const origin = functionResponse === undefined ? null : this.#originOf(functionResponse);
    if (functionResponse === undefined || origin === null) return part;
    const { name = 'tool', response = {} } = functionResponse;
    const isOurs = (this.#registry.get(`tool:${name}`)?.generation ?? shipped) === shipped;
    const kept = Object.entries(response).filter(([key, value]) => isOfHost(key, value, isOurs));
    const foreign = Object.entries(response).filter(([key, value]) => !isOfHost(key, value, isOurs));
    const marked = markResponse(Object.fromEntries(foreign), origin, name);
    return { ...part, functionResponse: { ...functionResponse, response: { ...marked, ...Object.fromEntries(kept) } } };
  }

  #originOf({ name = '', id }: FunctionResponse): ForeignOrigin | null {
    const tool = this.#registry.get(`tool:${name}`);
    if (name === artifactRead.name) return 'tool';
    if (tool === undefined) return this.#hasRead(id) ? 'tool' : null;
    const told = tool.details.foreign;
    if (isOrigin(told)) return told;
    return tool.generation > shipped ? 'tool' : null;
  }

  /** Whether the helper that worked under this call was shown text of others. */
  #hasRead(call: string | undefined): boolean {
    if (call === undefined) return false;
    return this.#events().some(
      (event) =>
        event.isolationScope === call &&
        event.content?.parts?.some(
          ({ functionResponse: seen }) =>
            seen !== undefined &&
            (JSON.stringify(seen.response ?? {}).includes('<foreign-') || this.#originOf(seen) !== null),
        ),
    );
  }
}

/** What the host says about a result, and what a tool that ships says of its failure: advice that is to be followed. */
function isOfHost(key: string, value: unknown, isOurs: boolean): boolean {
  if (key === 'note') return isLimitNote(value);
  return isOurs && (key === 'error' || key === 'code' || key === 'phase');
}

/** Each text on its own, so that the fields stay as they are; of many texts the whole, as JSON. */
export function markResponse(
  response: Readonly<Record<string, unknown>>,
  origin: ForeignOrigin,
  source: string,
): Record<string, unknown> {
  const isOdd = namesIn(response).some((name) => !word.test(name));
  if (isOdd || textsIn(response).length > maxMarks)
    return { result: foreignText({ origin, source, text: JSON.stringify(response, null, 1) }) };
  return markTexts(response, (text) => foreignText({ origin, source, text })) as Record<string, unknown>;
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && !word.test(value) && !marked.test(value);
}

function textsIn(value: unknown): readonly string[] {
  if (isSentence(value)) return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [name, ...namesIn(one)]);
}

function markTexts(value: unknown, mark: (text: string) => string): unknown {
  if (isSentence(value)) return mark(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => markTexts(one, mark));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, markTexts(one, mark)]));
}

function isOrigin(value: unknown): value is ForeignOrigin {
  return value === 'web' || value === 'file' || value === 'person' || value === 'tool';
}
