import { type Effects, type FakeHost, withRun } from '@clay/starlark-stdlib';
import { StarlarkError, Thread } from 'starlark-js';
import type { ScriptLimits } from './limits.ts';
import { regexEngine } from './regex-engine.ts';

export interface ExecutionOptions {
  /** Of the script, for messages. */
  readonly name: string;
  readonly limits: ScriptLimits;
  readonly effects: Effects;
  /** Of a test. */
  readonly fake?: FakeHost;
  /** Ends the execution, with its reason in the error. */
  readonly signal?: AbortSignal | undefined;
}

/** One run of a script's code: a thread of its own, its bounds, and what it printed. */
export class Execution {
  readonly thread: Thread;
  readonly #options: ExecutionOptions;
  #output = '';
  #runningSince = 0;

  constructor(options: ExecutionOptions) {
    this.#options = options;
    const { cpuMs, ...limits } = options.limits;
    this.thread = new Thread({
      name: options.name,
      limits,
      regex: regexEngine,
      now: () => options.fake?.now ?? BigInt(Date.now()) * 1_000_000n,
      print: (line) => {
        this.#output += `${line}\n`;
      },
    });
    const { meter } = this.thread;
    const sample = meter.onSample;
    // The meter looks around at least every few milliseconds of running.
    meter.onSample = () => {
      sample?.();
      if (performance.now() - this.#runningSince <= cpuMs) return;
      throw new StarlarkError(
        'LIMIT_TIME',
        `it ran for ${cpuMs} ms without waiting for anything, and nothing else could run`,
        ['Do less in one call, or keep results with kv and go on in the next call.'],
      );
    };
  }

  /** What was printed so far, every line with its end. */
  get output(): string {
    return this.#output;
  }

  async run<T>(body: (thread: Thread) => Promise<T>): Promise<T> {
    const { effects, fake, signal } = this.#options;
    const cancel = () => this.thread.cancel(reasonOf(signal!));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    this.#runningSince = performance.now();
    try {
      return await withRun(
        {
          thread: this.thread,
          effects,
          fake: fake ?? null,
          print: (line) => {
            this.thread.meter.countOutput(line.length + 1);
            this.#output += `${line}\n`;
          },
          onResume: () => {
            this.#runningSince = performance.now();
          },
        },
        () => body(this.thread),
      );
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

function reasonOf(signal: AbortSignal): string {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason.message : String(reason);
}
