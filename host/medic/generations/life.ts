import { ClayError, type Clock, type Json, type Log } from '@clay/sdk';
import type { CallOut, Fault } from '@clay/sdk/wire';
import type { Build, Death } from '../../generations/build.ts';
import type { Generation, SetupData } from '../../generations/generation.ts';
import type { LeaseHolder } from '../../leases/lease-table.ts';
import type { Capability } from '../../registry/registry.ts';
import type { Target } from '../../router/targets.ts';

/** What a generation is made of when it is to live. */
export interface Start {
  readonly build: Build;
  readonly number: number;
  readonly onDeath: (death: Death) => void;
  readonly onFault: (fault: Fault) => void;
}

/** Makes a generation that has not been opened yet, with what its `setup` gets to know. */
export type MakeGeneration = (start: Start) => {
  readonly generation: Generation;
  readonly setup: SetupData;
};

export interface LifeOptions {
  readonly build: Build;
  readonly number: number;
  readonly make: MakeGeneration;
  readonly clock: Clock;
  readonly log: Log;
  /** It cannot go on, and that is its own fault. At most once. */
  readonly onEnd: (death: Death) => void;
  /** It stands again after somebody else's fault, on a line of its own: whoever gave it something has to give it again. */
  readonly onReopened: () => void;
  readonly onCalled: (isFailed: boolean) => void;
}

/** Failures that say nothing against a generation: the caller's own. */
const callersFault: ReadonlySet<string> = new Set([
  'BAD_ARGUMENTS',
  'CANCELLED',
  'CAPABILITY_UNKNOWN',
  'NEEDS_APPROVAL',
  'BUDGET_SPENT',
]);

/**
 * A generation from its start to its end, as callers see it. What runs it may be replaced underneath, when it went with
 * somebody else's fault; calls that had not been accepted then wait for the new one.
 */
export class Life implements Target, LeaseHolder {
  readonly build: Build;
  readonly generation: number;
  readonly startedAt: number;
  readonly #options: LifeOptions;
  #running: Generation;
  #setup: SetupData;
  #reopening: Promise<void> | null = null;
  #ended = false;
  #stopped: Promise<void> | null = null;
  /** `onLive` has run in the present process. */
  isLive = false;
  isCommitted = false;
  death: Death | null = null;

  constructor(options: LifeOptions) {
    this.#options = options;
    this.build = options.build;
    this.generation = options.number;
    this.startedAt = options.clock.now();
    ({ generation: this.#running, setup: this.#setup } = this.#make());
  }

  get plugin(): string {
    return this.build.plugin;
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  /** What runs it now. */
  get running(): Generation {
    return this.#running;
  }

  capabilities(): readonly Capability[] {
    return this.#running.capabilities();
  }

  /** Opens the line and runs `setup`. */
  async stage(): Promise<void> {
    try {
      await this.#running.stage(this.#setup);
    } catch (thrown) {
      // The end of a process says more than the line that broke with it.
      throw this.death === null || this.death.fault !== null ? thrown : deathError(this.death);
    }
  }

  async call(call: CallOut): Promise<Json> {
    const deadline = this.#options.clock.now() + call.timeoutMs;
    for (;;) {
      if (this.#reopening !== null) await this.#reopening;
      let isAccepted = false;
      try {
        const value = await this.#running.call({
          ...call,
          timeoutMs: Math.max(1, deadline - this.#options.clock.now()),
          onAck: () => {
            isAccepted = true;
            call.onAck?.();
          },
        });
        this.#options.onCalled(false);
        return value;
      } catch (thrown) {
        const code = thrown instanceof ClayError ? thrown.code : 'INTERNAL';
        if (code === 'UNAVAILABLE' && !isAccepted && this.#reopening !== null) continue;
        if (!callersFault.has(code)) this.#options.onCalled(true);
        throw thrown;
      }
    }
  }

  credit(id: string, count: number): void {
    this.#running.credit(id, count);
  }

  grant(lease: string): Promise<void> {
    return this.#running.grant(lease);
  }

  revoke(lease: string): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#running.revoke(lease);
  }

  /** Ends it, once: open calls get `graceMs`. Resolves when nothing of it is left; never throws. */
  stop(graceMs: number): Promise<void> {
    this.#ended = true;
    this.#stopped ??= (async () => {
      await this.#reopening;
      await this.#running.stop(graceMs);
    })();
    return this.#stopped;
  }

  #make(): ReturnType<MakeGeneration> {
    const { build, number, make } = this.#options;
    let isOver = false;
    const died = (death: Death) => {
      if (isOver) return;
      isOver = true;
      this.#died(death);
    };
    return make({ build, number, onDeath: died, onFault: (fault) => died(deathOfFault(fault, this.#livedMs())) });
  }

  #died(death: Death): void {
    if (!this.#ended && !death.isBlamed && this.#running.isReady) {
      this.#reopening = this.#reopen();
      return;
    }
    // Also one that drains, and should have come to its end otherwise.
    if (this.death !== null || (this.#ended && !death.isBlamed)) return;
    this.#ended = true;
    this.death = death;
    this.#options.onEnd(death);
  }

  async #reopen(): Promise<void> {
    const { log, onReopened } = this.#options;
    const before = this.#running;
    try {
      await before.scope.release();
      if (this.#ended) return;
      const next = this.#make();
      await next.generation.stage(next.setup);
      this.#running = next.generation;
      this.#setup = next.setup;
      this.isLive = false;
      this.isCommitted = false;
      // Whoever is told gives it what it had; calls wait in the plugin until it is live.
      this.#reopening = null;
      onReopened();
    } catch (thrown) {
      this.#reopening = null;
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      log.warn('generation.reopen.failed', { plugin: this.plugin, generation: this.generation, error: message });
      this.#died({
        code: thrown instanceof ClayError ? thrown.code : 'INTERNAL',
        message,
        signature: `reopen ${message}`,
        location: null,
        livedMs: this.#livedMs(),
        isBlamed: true,
        fault: null,
        details: {},
      });
    }
  }

  #livedMs(): number {
    return this.#options.clock.now() - this.startedAt;
  }
}

function deathOfFault(fault: Fault, livedMs: number): Death {
  const { error, code } = fault.failure;
  return {
    code,
    message: error,
    signature: `${fault.phase} ${fault.location ?? error}`,
    location: fault.location,
    livedMs,
    isBlamed: true,
    fault,
    details: {},
  };
}

function deathError({ code, message, location }: Death): ClayError {
  return new ClayError(code, message, location === null ? {} : { data: { location } });
}
