import type { EventJson, FunctionCall, FunctionResponse, Part } from '../../agent/event-json.ts';
import type { ChatEvent } from '../client/claw-client.ts';
import { safeLine, safeText } from './safe-text.ts';
import type { Terminal } from './terminal.ts';

/** Shows one turn as it happens. */
export interface TurnView {
  show(event: ChatEvent): void;
  /** A word from the command line itself. */
  note(text: string): void;
  /** Finishes the last line. */
  end(): void;
  readonly hasFailed: boolean;
}

const callWidth = 100;

/** `json`: every event as one line. `text`: the answer as it is written, tool calls and failures beside it. */
export function createTurnView(terminal: Terminal, format: 'json' | 'text'): TurnView {
  return format === 'json' ? new JsonTurnView(terminal) : new TextTurnView(terminal);
}

class JsonTurnView implements TurnView {
  readonly #terminal: Terminal;
  hasFailed = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(event: ChatEvent): void {
    if (isFailure(event)) this.hasFailed = true;
    this.#terminal.print(JSON.stringify(event));
  }

  note(text: string): void {
    this.#terminal.printError(text);
  }

  end(): void {}
}

class TextTurnView implements TurnView {
  readonly #terminal: Terminal;
  /** What was written of a text whose whole is yet to come. */
  #written = '';
  #isAtLineStart = true;
  #hasText = false;
  hasFailed = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(event: ChatEvent): void {
    if ('error' in event) {
      this.#fail(event.error);
      return;
    }
    const parts = event.content?.parts ?? [];
    for (const part of parts) this.#showPart(event, part);
    if (event.partial !== true) this.#written = '';
    if (event.errorCode === undefined) return;
    const message = event.errorMessage ?? event.errorCode;
    // The text of such an event may end with the reason, for the model's next turn: then it has been shown.
    if (parts.some((part) => part.text?.includes(message) === true)) this.hasFailed = true;
    else this.#fail(message);
  }

  note(text: string): void {
    this.#finishLine();
    this.#terminal.printError(this.#terminal.styleError('dim', text));
  }

  end(): void {
    this.#finishLine();
  }

  #showPart(event: EventJson, part: Part): void {
    if (part.functionCall !== undefined) this.#showCall(part.functionCall);
    else if (part.functionResponse !== undefined) this.#showResult(part.functionResponse);
    else if (part.text !== undefined && part.thought !== true && event.author !== 'user')
      this.#showText(event, part.text);
  }

  /** Partial events bring a text in pieces, the last event brings it whole: then only what is new is written. */
  #showText(event: EventJson, text: string): void {
    if (event.partial === true) {
      this.#write(text);
      this.#written += text;
      return;
    }
    if (this.#written.startsWith(text)) {
      this.#written = this.#written.slice(text.length);
    } else if (text.startsWith(this.#written)) {
      this.#write(text.slice(this.#written.length));
      this.#written = '';
    } else {
      this.#finishLine();
      this.#write(text);
    }
    if (text.trim() !== '') this.#finishLine();
  }

  #write(text: string): void {
    const safe = safeText(text);
    if (safe === '') return;
    this.#hasText = true;
    this.#terminal.output.write(safe);
    this.#isAtLineStart = safe.endsWith('\n');
  }

  #showCall({ name = '?', args = {} }: FunctionCall): void {
    this.#finishLine();
    const { styleError } = this.#terminal;
    const shown = Object.keys(args).length === 0 ? '' : ` ${safeLine(JSON.stringify(args), callWidth)}`;
    this.#terminal.printError(`${styleError('yellow', `→ ${safeLine(name, 64)}`)}${styleError('dim', shown)}`);
  }

  #showResult({ name = '?', response = {} }: FunctionResponse): void {
    this.#finishLine();
    const { styleError } = this.#terminal;
    const { error } = response;
    const label = safeLine(name, 64);
    if (typeof error === 'string') {
      this.#terminal.printError(styleError('red', `✗ ${label}: ${safeLine(error, callWidth)}`));
      return;
    }
    const shown = safeLine(JSON.stringify(response), callWidth);
    this.#terminal.printError(`${styleError('green', `✓ ${label}`)}${styleError('dim', ` ${shown}`)}`);
  }

  #fail(message: string): void {
    this.hasFailed = true;
    this.#finishLine();
    this.#terminal.printError(this.#terminal.styleError('red', safeText(message)));
  }

  #finishLine(): void {
    if (!this.#isAtLineStart && this.#hasText) this.#terminal.output.write('\n');
    this.#isAtLineStart = true;
  }
}

function isFailure(event: ChatEvent): boolean {
  return 'error' in event || event.errorCode !== undefined;
}
