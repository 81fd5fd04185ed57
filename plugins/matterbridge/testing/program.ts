import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

/** A program of a test: what it writes can be waited for, and it ends with the test. */
export class Program {
  readonly #child: ChildProcess;
  readonly #news = new EventEmitter();
  readonly #ended: Promise<unknown>;
  output = '';

  constructor(command: readonly string[], environment: Readonly<Record<string, string>>) {
    const [program = '', ...args] = command;
    this.#child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.#news.emit('output');
      });
    }
  }

  async writes(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) await once(this.#news, 'output');
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }
}
