import { currentFunction, explain, withDeepStacks } from './backtrace.ts';
import { type RegexEngine, type Services, useServices } from './builtins/services.ts';
import { type Running, type Suspension, withWaiting } from './compile/suspension.ts';
import { StarlarkError } from './errors.ts';
import { type Limits, Meter } from './meter.ts';
import type { Dialect } from './syntax/dialect.ts';
import { useFormatExtensions } from './value/format-options.ts';
import { useByteStrings } from './value/string-unit.ts';
import type { Value } from './value/value.ts';

export interface ThreadOptions {
  /** For messages of the host; default `main`. */
  readonly name?: string;
  readonly limits?: Partial<Limits>;
  /** Takes each line that the program prints, without its newline. The default writes to the standard output. */
  readonly print?: (line: string, thread: Thread) => void;
  /** Nanoseconds since 1970 for `time.now()`; the default is the clock. */
  readonly now?: () => bigint;
  /** The regular expressions of the module `re`; see `RegexEngine`. */
  readonly regex?: RegexEngine;
}

/** How many functions an error about a limit names as the hottest. */
const HOTTEST = 5;

/**
 * One run of programs, one after the other: its limits, its output, and the means to end it. Threads share nothing
 * but frozen values; hundreds of them can wait for the host at one time.
 *
 * @example
 * const lines: string[] = [];
 * const thread = new Thread({ limits: { steps: 10_000 }, print: (line) => lines.push(line) });
 */
export class Thread {
  readonly name: string;
  readonly meter: Meter;
  readonly #services: Services;
  readonly #hot = new Map<string, number>();
  /** Ends of what the thread waits for: more than one when the host calls back while a call of it waits. */
  readonly #interrupts = new Set<(error: StarlarkError) => void>();
  #open = 0;

  constructor(options: ThreadOptions = {}) {
    this.name = options.name ?? 'main';
    this.meter = new Meter(options.limits);
    this.meter.onSample = () => this.#sample();
    const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
    this.#services = {
      print: (line: string) => {
        this.meter.countOutput(line.length + 1);
        print(line, this);
      },
      now: options.now ?? (() => BigInt(Date.now()) * 1_000_000n),
      regex: options.regex ?? null,
    };
  }

  /** Steps counted so far: calls, loop iterations, and the sizes of what built-ins did. */
  get steps(): number {
    return this.meter.steps;
  }

  /** Ends the program at its next step, or while it waits. Its error has the code `CANCELLED` and names the reason. */
  cancel(reason: string): void {
    this.meter.cancel(reason);
    for (const interrupt of [...this.#interrupts]) interrupt(new StarlarkError('CANCELLED', `cancelled: ${reason}`));
  }

  /** The functions in which the counted steps were spent, hottest first, with their share from 0 to 1. */
  get hottest(): { readonly function: string; readonly share: number }[] {
    const total = [...this.#hot.values()].reduce((sum, count) => sum + count, 0);
    return [...this.#hot]
      .sort(([, a], [, b]) => b - a)
      .slice(0, HOTTEST)
      .map(([name, count]) => ({ function: name, share: count / total }));
  }

  /** Runs code of a program as this thread, and explains what it throws. */
  execute<T>(dialect: Dialect, body: () => T): T {
    const { meter } = this;
    if (this.#open++ === 0) meter.start(performance.now());
    const depth = meter.depthLeft;
    const previousMeter = meter.enter();
    const previousServices = useServices(this.#services);
    const previousFormat = useFormatExtensions(dialect.formatExtensions);
    const previousUnit = useByteStrings(dialect.strings === 'utf8');
    try {
      return withDeepStacks(body);
    } catch (error) {
      throw this.#explain(error);
    } finally {
      useByteStrings(previousUnit);
      useFormatExtensions(previousFormat);
      useServices(previousServices);
      meter.restoreDepth(depth);
      meter.leave(previousMeter);
      if (--this.#open === 0) meter.stop();
    }
  }

  /** Runs a generator to its end, waiting wherever it waits for the host. Other threads run in the meantime. */
  async drive(dialect: Dialect, start: () => Running): Promise<Value> {
    const depth = this.meter.depthLeft;
    this.#open++;
    this.meter.start(performance.now());
    try {
      const running = this.execute(dialect, start);
      const resume = (go: () => IteratorResult<Suspension, Value>): IteratorResult<Suspension, Value> =>
        this.execute(dialect, () => withWaiting(true, go));
      let step = resume(() => running.next(null));
      while (step.done !== true) {
        this.meter.pause();
        const answer = await this.#wait(step.value.promise!);
        this.meter.resume();
        step = resume(() => ('error' in answer ? running.throw(answer.error) : running.next(answer.value)));
      }
      return step.value;
    } finally {
      this.#open--;
      this.meter.restoreDepth(depth);
      if (this.#open === 0) this.meter.stop();
    }
  }

  /** Waits for the host, for the end of the time, or for being cancelled; whichever is first. */
  #wait(promise: PromiseLike<Value>): Promise<{ readonly value: Value } | { readonly error: unknown }> {
    return new Promise((settle) => {
      const finish = (answer: { readonly value: Value } | { readonly error: unknown }): void => {
        clearTimeout(timer);
        this.#interrupts.delete(interrupt);
        settle(answer);
      };
      const interrupt = (error: StarlarkError): void => finish({ error });
      const left = this.meter.deadline - performance.now();
      const late = (): void =>
        finish({
          error: new StarlarkError('LIMIT_TIME', `time limit of ${this.meter.limits.wallMs} ms exceeded`),
        });
      const timer = left < 0x7fffffff ? setTimeout(late, Math.max(0, left)) : undefined;
      this.#interrupts.add(interrupt);
      if (this.meter.cancelled !== null) this.cancel(this.meter.cancelled);
      promise.then(
        (value) => finish({ value }),
        (error: unknown) => finish({ error }),
      );
    });
  }

  #sample(): void {
    const name = currentFunction();
    if (name !== null) this.#hot.set(name, (this.#hot.get(name) ?? 0) + 1);
  }

  #explain(error: unknown): StarlarkError {
    const explained = explain(error);
    if (!explained.code.startsWith('LIMIT_') || this.#hot.size === 0 || explained.hottest.length > 0) return explained;
    explained.hottest = this.hottest;
    return explained;
  }
}
