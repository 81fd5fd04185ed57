import { ClayError, type Clock, type Log } from '@clay/sdk';
import type { Build, Death } from '../../generations/build.ts';
import { withPhase } from '../../generations/phase.ts';
import type { CapabilityTable } from '../../registry/capability-table.ts';
import { Life, type LifeOptions } from './life.ts';
import type { DataKeeper, MedicOptions } from './medic-options.ts';
import type { Records } from './records.ts';
import type { Settler } from './settler.ts';
import { orderLives, prove } from './staging.ts';

/** A generation by its name. */
export interface Started {
  readonly plugin: string;
  readonly generation: number;
}

export interface StarterOptions
  extends Pick<MedicOptions, 'make' | 'load' | 'migrate' | 'checkDetails' | 'clock' | 'log'> {
  readonly clock: Clock;
  readonly log: Log;
  readonly table: CapabilityTable;
  readonly data: DataKeeper;
  readonly records: Records;
  readonly settler: Settler;
  readonly serving: ReadonlyMap<string, Life>;
  readonly hooks: (life: () => Life) => Pick<LifeOptions, 'onEnd' | 'onReopened' | 'onCalled'>;
  /** It is proven, and may serve from now on. */
  readonly onStaged: (life: Life) => void;
  /** `isGone`: it never came to be started, as what was built is not there. */
  readonly onFailed: (started: Started, error: ClayError, death: Death | null, isGone: boolean) => void;
  readonly end: (life: Life) => void;
}

/** Of a build that is not there, is not what was built, or may not be had any more. */
const gone: ReadonlySet<string> = new Set(['NOT_FOUND', 'REFUSED', 'CONFLICT']);
/** Restarts of many plugins do not fall into one moment. */
const jitter = 0.2;

/** Builds, what lives of them, and the way from the one to the other: set up, prove, let serve. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #builds = new Map<string, Build>();
  readonly #lives = new Map<string, Life>();
  readonly #starting = new Set<Life>();
  readonly #timers = new Map<string, () => void>();
  #isStopped = false;

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  get lives(): readonly Life[] {
    return [...this.#lives.values()];
  }

  build(plugin: string, generation: number): Build | undefined {
    return this.#builds.get(keyOf(plugin, generation));
  }

  life(plugin: string, generation: number): Life | undefined {
    return this.#lives.get(keyOf(plugin, generation));
  }

  add(build: Build, generation: number): void {
    this.#builds.set(keyOf(build.plugin, generation), build);
  }

  forget(plugin: string, generations: readonly number[]): void {
    for (const generation of generations) this.#builds.delete(keyOf(plugin, generation));
  }

  /** Whoever sets it up learns of its end. */
  isStarting(life: Life): boolean {
    return this.#starting.has(life);
  }

  remove(life: Life): void {
    const key = keyOf(life.plugin, life.generation);
    if (this.#lives.get(key) === life) this.#lives.delete(key);
  }

  /** Takes back a start that waits for its time. */
  cancel(plugin: string, generation: number): void {
    this.#timers.get(keyOf(plugin, generation))?.();
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of [...this.#timers.values()]) cancel();
  }

  startLater(one: Started, afterMs: number, start: () => void): void {
    const { clock, records } = this.#options;
    const key = keyOf(one.plugin, one.generation);
    const cancel = clock.after(afterMs * (1 - jitter / 2 + jitter * Math.random()), () => {
      this.#timers.delete(key);
      if (records.stateOf(one) === 'built') start();
    });
    this.#timers.set(key, () => {
      this.#timers.delete(key);
      cancel();
    });
  }

  /** Sets all up at once, as setup only declares; then lets them serve, providers first. */
  async start(all: readonly Started[]): Promise<void> {
    const opened = await Promise.all(all.map((one) => this.#open(one)));
    const lives = opened.filter((life) => life !== null);
    const { order, refused } = orderLives(lives, this.#options.table);
    for (const [life, error] of refused) this.#failed(life, error);
    for (const life of order) await this.#letServe(life);
  }

  async #open(one: Started): Promise<Life | null> {
    const { load, records } = this.#options;
    const { plugin, generation } = one;
    const key = keyOf(plugin, generation);
    let life: Life | null = null;
    try {
      const build = this.#builds.get(key) ?? (await load(plugin, generation));
      this.#builds.set(key, build);
      if (this.#isStopped || records.stateOf(one) !== 'built') return null;
      life = this.#newLife(build, generation);
      this.#lives.set(key, life);
      this.#starting.add(life);
      await life.stage();
      return life;
    } catch (thrown) {
      this.#failed(life ?? one, withPhase('load', thrown));
      return null;
    }
  }

  #newLife(build: Build, number: number): Life {
    const { make, clock, log, hooks } = this.#options;
    const life: Life = new Life({ build, number, make, clock, log, ...hooks(() => life) });
    return life;
  }

  async #letServe(life: Life): Promise<void> {
    const { plugin, generation } = life;
    const { table, data, records, settler, serving, onStaged } = this.#options;
    const before = serving.get(plugin);
    try {
      await prove(life, { ...this.#options, serving: () => [...serving.values()] });
      if (before !== undefined) await settler.release(before, life.running.ready.leases);
      if (life.isEnded) throw life.death === null ? new ClayError('CANCELLED', 'It was stopped.') : ofDeath(life.death);
      table.check(plugin, life.capabilities());
      if (records.find(plugin, generation)?.isProven === false) data.take(life.build, generation);
      this.#starting.delete(life);
      onStaged(life);
      await settler.settle(life);
    } catch (thrown) {
      this.#failed(life, withPhase('register', thrown));
    }
    // Whoever serves has what it is due, also when the newcomer did not come through.
    const now = serving.get(plugin);
    if (now !== undefined && now !== life) await settler.settle(now);
  }

  #failed(one: Life | Started, error: ClayError): void {
    const { onFailed, end } = this.#options;
    if (one instanceof Life) {
      this.#starting.delete(one);
      end(one);
    }
    const isOpened = one instanceof Life && one.running.isOpened;
    onFailed(one, error, one instanceof Life ? one.death : null, !isOpened && gone.has(error.code));
  }
}

function keyOf(plugin: string, generation: number): string {
  return `${plugin}#${generation}`;
}

function ofDeath({ code, message, location }: Death): ClayError {
  return new ClayError(code, message, location === null ? {} : { data: { location } });
}
