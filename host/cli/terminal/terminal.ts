import type { ReadStream } from 'node:tty';
import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** The three streams of the process, and whether a person sits at them. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>;
  readonly output: NodeJS.WritableStream;
  readonly error: NodeJS.WritableStream;
  readonly isInputTerminal: boolean;
  readonly isOutputTerminal: boolean;
  /** Colours when the stream is a terminal and NO_COLOR does not say otherwise; else the text as it is. */
  style(format: Format, text: string): string;
  styleError(format: Format, text: string): string;
  print(text: string): void;
  printError(text: string): void;
}

export interface TerminalStreams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export function createTerminal({ stdin, stdout, stderr }: TerminalStreams): Terminal {
  return {
    input: stdin,
    output: stdout,
    error: stderr,
    isInputTerminal: stdin.isTTY === true,
    isOutputTerminal: stdout.isTTY === true,
    style: (format, text) => styleText(format, text, { stream: stdout, validateStream: true }),
    styleError: (format, text) => styleText(format, text, { stream: stderr, validateStream: true }),
    print: (text) => stdout.write(`${text}\n`),
    printError: (text) => stderr.write(`${text}\n`),
  };
}
