import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { ClayError, type Clock } from '@clay/sdk';
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from './client-library.ts';
import { endLeftBehind } from './left-behind.ts';

/** The end of what it said on standard error. */
const errorChars = 2000;
/** A server that says more in a second only wants to keep us busy. */
const messagesPerSecond = 2000;
/** Some print a banner, or their log, where messages belong: so many lines are passed over between two messages. */
const maxOtherLines = 2000;
const newline = 0x0a;

export interface ProgramTransportOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Its own, and nobody else's: all that it starts is known by it. */
  readonly home: string;
  /** All that it sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly maxMessageBytes: number;
  readonly graceMs: number;
  readonly clock: Clock;
}

/**
 * Messages to and from a program, a line each. It runs in a process group of its own and ends with all that it has
 * started; one that floods, or says what is no message, is ended.
 */
export class ProgramTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #options: ProgramTransportOptions;
  readonly #buffer: ReadBuffer;
  readonly #ended = Promise.withResolvers<void>();
  #child: ChildProcessByStdio<Writable, Readable, Readable> | null = null;
  #errorOutput = '';
  #problem: string | null = null;
  /** Since the last message. */
  #otherLines = 0;
  #window = { startedAt: 0, messages: 0 };

  constructor(options: ProgramTransportOptions) {
    this.#options = options;
    this.#buffer = new ReadBuffer({ maxBufferSize: options.maxMessageBytes });
  }

  /** Why it was ended, or how it ended by itself; null while it runs. */
  get problem(): string | null {
    return this.#problem;
  }

  get errorOutput(): string {
    return this.#errorOutput.trim();
  }

  async start(): Promise<void> {
    await endLeftBehind(this.#options.home);
    await this.#spawn();
  }

  #spawn(): Promise<void> {
    const { command, args, home, environment } = this.#options;
    const [file, all] = withoutFlagsOfOurs(command, args);
    const child = spawn(file, all, {
      cwd: home,
      env: { ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      this.#errorOutput = (this.#errorOutput + text).slice(-errorChars);
    });
    child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    // A program that ends before it has read says why by its exit.
    child.stdin.on('error', (error) => this.onerror?.(error));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('spawn', () => resolve());
    child.once('error', (error) => {
      this.#end(`${command} could not be started: ${error.message}`);
      reject(new ClayError('UNAVAILABLE', `${command} could not be started: ${error.message}`, { cause: error }));
    });
    child.once('exit', (code, signal) => {
      this.#signal('SIGKILL');
      this.#end(`it ended with ${signal ?? `exit code ${code}`}`);
    });
    return promise;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const child = this.#child;
    if (child === null || this.#problem !== null)
      throw new ClayError('UNAVAILABLE', `The MCP server does not run: ${this.#problem ?? 'it was not started'}.`);
    if (!child.stdin.write(serializeMessage(message)) && child.stdin.writableLength > this.#options.maxMessageBytes)
      this.#kill('it does not read what it is sent');
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child === null || this.#problem !== null) return;
    const { graceMs } = this.#options;
    child.stdin.end();
    // Not by the plugin's clock, which stops with the plugin: just then this has to go on.
    const asking = setTimeout(() => this.#signal('SIGTERM'), graceMs);
    const ending = setTimeout(() => this.#signal('SIGKILL'), 2 * graceMs);
    await this.#ended.promise;
    clearTimeout(asking);
    clearTimeout(ending);
    await endLeftBehind(this.#options.home);
  }

  #read(chunk: Buffer): void {
    if (this.#problem !== null) return;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, at + 1)) this.#otherLines += 1;
    // Before they are parsed, which takes longer than to write them.
    if (this.#otherLines > maxOtherLines) {
      this.#kill('what it says is no MCP');
      return;
    }
    try {
      this.#buffer.append(chunk);
    } catch {
      this.#kill(`it sent a message of more than ${this.#options.maxMessageBytes} bytes`);
      return;
    }
    while (this.#problem === null) {
      try {
        const message = this.#buffer.readMessage();
        if (message === null) return;
        this.#otherLines = 0;
        this.#count();
        if (this.#problem === null) this.onmessage?.(message);
      } catch (error) {
        this.onerror?.(error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  #count(): void {
    const now = this.#options.clock.now();
    if (now - this.#window.startedAt >= 1000) this.#window = { startedAt: now, messages: 0 };
    this.#window.messages += 1;
    if (this.#window.messages > messagesPerSecond)
      this.#kill(`it sent more than ${messagesPerSecond} messages in a second`);
  }

  #kill(problem: string): void {
    this.#end(problem);
    this.#signal('SIGKILL');
  }

  #end(problem: string): void {
    if (this.#problem !== null) return;
    this.#problem = problem;
    this.#buffer.clear();
    this.#child?.stdin.destroy();
    this.#child?.stdout.destroy();
    this.#ended.resolve();
    this.onclose?.();
  }

  /** To all that it has started too, as far as it stayed in the group. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch (error) {
      // Nobody is left.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

/** Node hands its own permissions down by the environment: they are the plugin's, and not for what it runs. */
function withoutFlagsOfOurs(program: string, args: readonly string[]): [string, readonly string[]] {
  const isRestricted = process.permission !== undefined;
  return isRestricted ? ['env', ['-u', 'NODE_OPTIONS', program, ...args]] : [program, args];
}
