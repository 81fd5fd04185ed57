import { StringDecoder } from 'node:string_decoder';
import { Tokens } from '../models/anthropic/tokens.ts';

/** Events that state usage are short; a longer line is content. */
const longestLine = 64 * 1024;
const charactersPerToken = 4;
/** Of an event of content beside the text itself: `data: {"type":"content_block_delta","index":0,"delta":{…}}`. */
const deltaFrameChars = 93;
/** Of an answer that is no stream: beyond this it is passed on without being counted. */
const longestAnswer = 32 * 1024 * 1024;

/** Reads what a passing answer says of its usage; everything else in it stays unread. */
export class StatedUsage {
  readonly tokens = new Tokens();
  readonly #isStream: boolean;
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';
  #isTooLong = false;
  #writtenChars = 0;
  #isCounted = false;

  constructor(contentType: string) {
    this.#isStream = contentType.includes('text/event-stream');
  }

  add(chunk: Uint8Array): void {
    const text = this.#decoder.write(chunk);
    if (this.#isStream) this.#addLines(text);
    else if (this.#pending.length + text.length <= longestAnswer) this.#pending += text;
    else this.#isTooLong = true;
  }

  end(): void {
    if (this.#isStream || this.#isTooLong) return;
    const answer = parseObject(this.#pending);
    this.tokens.count(objectIn(answer, 'usage'));
  }

  /** The provider states what was written at the end of a stream only: of one that was cut it is estimated. */
  cut(): void {
    if (!this.#isStream || this.#isCounted || this.tokens.isEmpty) return;
    this.tokens.count({ output_tokens: Math.ceil(this.#writtenChars / charactersPerToken) });
  }

  #addLines(text: string): void {
    const lines = (this.#pending + text).split('\n');
    this.#pending = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      if (line.includes('"content_block_delta"')) this.#writtenChars += Math.max(0, line.length - deltaFrameChars);
      if (!line.startsWith('data:') || line.length > longestLine || !line.includes('"usage"')) continue;
      const event = parseObject(line.slice('data:'.length));
      if (event?.type === 'message_start') this.tokens.count(objectIn(objectIn(event, 'message'), 'usage'));
      if (event?.type === 'message_delta') {
        this.#isCounted = true;
        this.tokens.count(objectIn(event, 'usage'));
      }
    }
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** Undefined for what is none: it goes on to the client, who will say so. */
function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function objectIn(fields: Fields | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}
