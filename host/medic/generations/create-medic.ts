import { type CallSession, ClayError, type Clock, type Log } from '@clay/sdk';
import type { Build, Death } from '../../generations/build.ts';
import { messageOf, withPhase } from '../../generations/phase.ts';
import { type PluginFailure, toPluginFailure } from '../../generations/plugin-failure.ts';
import { type GenerationState, takesCalls } from '../../generations/state.ts';
import type { GenerationJournal, GenerationMove } from '../../journal/journal.ts';
import type { LeaseTable } from '../../leases/lease-table.ts';
import type { CapabilityTable } from '../../registry/capability-table.ts';
import type { Target, Targets } from '../../router/targets.ts';
import type { GenerationEvent, MedicEvent } from '../event.ts';
import type { GenerationHistory, History, PluginHistory } from '../history.ts';
import { decide } from '../policy.ts';
import { defaultRules, type Rules } from '../rules.ts';
import type { Step } from '../step.ts';
import { CallCounts } from './call-counts.ts';
import { Life, type MakeGeneration } from './life.ts';
import type { Admission, CrashReport, DeployOptions, GenerationStatus, Medic, News, RollbackOptions } from './medic.ts';
import { forgetOld, Memory } from './memory.ts';
import { Outcomes } from './outcomes.ts';
import { Settler } from './settler.ts';
import { orderLives, prove, type Surroundings } from './staging.ts';

export interface MedicOptions {
  readonly journal: GenerationJournal;
  readonly clock: Clock;
  readonly log: Log;
  readonly table: CapabilityTable;
  readonly leases: LeaseTable;
  readonly make: MakeGeneration;
  readonly migrate: Surroundings['migrate'];
  readonly checkDetails: Surroundings['checkDetails'];
  /** A build that was kept for a later host. Throws when it is damaged or gone. */
  readonly load: (plugin: string, generation: number) => Promise<Build>;
  readonly data: DataKeeper;
  /** These generations are not returned to any more. */
  readonly forget: (plugin: string, generations: readonly number[]) => void;
  /** Writes the log that author and agent read. */
  readonly report: (incident: Incident) => void;
  readonly rules?: Partial<Rules>;
  /** Generations that are remembered of each plugin. Default 10. */
  readonly keep?: number;
}

/** Copies of what plugins store. */
export interface DataKeeper {
  /** Copies the plugin's data as it is before this generation writes to it. */
  take(build: Build, generation: number): void;
  /** Puts back what was taken before this generation. Throws `NOT_FOUND` when nothing was. */
  restore(build: Build, generation: number): void;
  drop(plugin: string, generation: number): void;
}

/** Something went wrong with a generation. */
export interface Incident {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly category: 'stage' | 'crash' | 'check' | 'probe' | 'rollback';
  readonly message: string;
  readonly location: string | null;
  readonly death: Death | null;
  readonly session: CallSession | null;
}

/** Whether a boot follows a death, and of what kind. */
export type LastHost = Omit<Extract<MedicEvent, { type: 'boot' }>, 'type'>;

/** What the kernel shows of a plugin. */
export interface PluginView {
  readonly build: Build | null;
  readonly life: Life | null;
  readonly generation: number;
  readonly state: GenerationState;
  readonly failure: PluginFailure | null;
}

/** One second: often enough to commit in time, and seldom enough to be nothing. */
const tickMs = 1_000;
/** Restarts of many plugins do not fall into one moment. */
const jitter = 0.2;
/** A script whose lane died twice under it is held to be the cause. */
const laneCrashLimit = 2;

/** The medic over the lives of all generations. The kernel boots it. */
export class GenerationMedic implements Medic, Targets {
  readonly #options: MedicOptions;
  readonly #rules: Rules;
  readonly #memory: Memory;
  readonly #settler: Settler;
  readonly #outcomes = new Outcomes();
  readonly #counts = new CallCounts();
  readonly #listeners = new Set<(news: News) => void>();
  readonly #builds = new Map<string, Build>();
  readonly #lives = new Map<string, Life>();
  readonly #serving = new Map<string, Life>();
  readonly #starting = new Set<Life>();
  readonly #timers = new Map<string, () => void>();
  readonly #failures = new Map<string, PluginFailure>();
  readonly #sessions = new Map<string, CallSession>();
  /** Deploys of one plugin, one after another. */
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #stops = new Set<Promise<void>>();
  #history: History;
  #cancelTick: (() => void) | null = null;
  #isStopping = false;

  constructor(options: MedicOptions) {
    this.#options = options;
    this.#rules = { ...defaultRules, ...options.rules };
    this.#memory = new Memory(options.journal);
    this.#history = this.#memory.read();
    this.#settler = new Settler({
      leases: options.leases,
      journal: options.journal,
      log: options.log,
      isServing: (life) => this.#serving.get(life.plugin) === life,
      isCommitted: (life) => this.#stateOf(life) === 'committed',
      onSettled: (life) =>
        options.log.info('plugin.live', {
          plugin: life.plugin,
          generation: life.generation,
          capabilities: life.capabilities().length,
        }),
      onFailed: (life, thrown) => this.#failedLive(life, thrown),
    });
  }

  find(plugin: string): Target {
    const life = this.#serving.get(plugin);
    if (life !== undefined) return life;
    const known = this.#plugin(plugin);
    const wanted = this.#wanted(plugin);
    const state = known?.generations.find((one) => one.generation === wanted)?.state;
    const isHeld = known !== undefined && wanted === null && known.quarantined.length > 0;
    throw new ClayError(
      isHeld ? 'PLUGIN_QUARANTINED' : 'UNAVAILABLE',
      `The plugin "${plugin}" is not running${state === undefined ? '' : ` (${state})`}.`,
    );
  }

  view(plugin: string): PluginView {
    const known = this.#plugin(plugin);
    const generation = this.#wanted(plugin) ?? known?.generations.at(-1)?.generation ?? 0;
    const life = this.#serving.get(plugin) ?? this.#lives.get(keyOf(plugin, generation)) ?? null;
    const state = known?.generations.find((one) => one.generation === generation)?.state ?? 'built';
    return {
      build: life?.build ?? this.#builds.get(keyOf(plugin, generation)) ?? null,
      life: life?.isEnded === true ? null : life,
      generation,
      state,
      failure: this.#failures.get(plugin) ?? null,
    };
  }

  get plugins(): readonly string[] {
    return Object.keys(this.#history.plugins);
  }

  get isSafeMode(): boolean {
    return this.#history.isSafeMode;
  }

  /**
   * Starts what has to run: what ships, in the order of its requirements, and then what was deployed. Resolves when what
   * ships stands; `deployed` resolves with the rest.
   */
  async boot(shipped: readonly Build[], last: LastHost): Promise<{ readonly deployed: Promise<void> }> {
    for (const build of shipped) this.#builds.set(keyOf(build.plugin, 0), build);
    const starts = new Map<string, Extract<Step, { do: 'start' }>>();
    const collect = (steps: readonly Step[]) => {
      for (const step of steps) if (step.do === 'start') starts.set(keyOf(step.plugin, step.generation), step);
    };
    collect(this.#decide({ type: 'boot', ...last }, isNotStart));
    for (const { plugin, hash } of shipped)
      collect(this.#decide({ type: 'built', plugin, generation: 0, hash, isChecked: false }, isNotStart));
    const isShipped = (step: Step) => step.do === 'start' && step.generation === 0;
    const all = [...starts.values()];
    await this.#startAll(all.filter(isShipped));
    return { deployed: this.#startAll(all.filter((step) => !isShipped(step))) };
  }

  async deploy(build: Build, options: DeployOptions = {}): Promise<Admission> {
    const { plugin, hash } = build;
    const before = this.#queues.get(plugin) ?? Promise.resolve();
    const admitted = before.then(() => this.#admit(build, options));
    const settled = admitted.then(
      () => undefined,
      () => undefined,
    );
    this.#queues.set(plugin, settled);
    const generation = await admitted;
    if (this.#queues.get(plugin) === settled) this.#queues.delete(plugin);
    if (generation === null) return this.#admission(plugin, hash, this.#wanted(plugin) ?? 0, true);
    if (!isSettled(this.#find(plugin, generation)?.state)) await this.#outcomes.wait(keyOf(plugin, generation));
    const life = this.#lives.get(keyOf(plugin, generation));
    if (life !== undefined) await this.#settler.settle(life);
    return this.#admission(plugin, hash, generation, false);
  }

  async retire(plugin: string, reason: string): Promise<void> {
    await this.#queues.get(plugin);
    this.#failures.delete(plugin);
    this.#decide({ type: 'retire', plugin, reason });
  }

  async rollback(plugin: string, { to, data = false }: RollbackOptions = {}): Promise<Admission> {
    const current = this.#requirePlugin(plugin).current;
    const build = current === null ? undefined : this.#builds.get(keyOf(plugin, current));
    if (data && current !== null && build !== undefined) this.#options.data.restore(build, current);
    const steps = this.#decide({ type: 'rollback', plugin, ...(to === undefined ? {} : { to }) });
    if (!steps.some((step) => step.do === 'move')) {
      const told = steps.find((step) => step.do === 'tell');
      throw new ClayError('CONFLICT', told?.text ?? `Nothing of "${plugin}" serves that could be taken back.`);
    }
    const generation = this.#wanted(plugin);
    if (generation === null) return this.#admission(plugin, '', 0, false);
    if (!isSettled(this.#find(plugin, generation)?.state)) await this.#outcomes.wait(keyOf(plugin, generation));
    return this.#admission(plugin, this.#find(plugin, generation)?.hash ?? '', generation, false);
  }

  async quarantine(plugin: string, which: string | number, reason: string): Promise<void> {
    this.#decide({ type: 'forbid', plugin, hash: this.#hashOf(plugin, which), reason });
  }

  async unquarantine(plugin: string, which: string | number): Promise<void> {
    const hash = this.#hashOf(plugin, which);
    this.#decide({ type: 'unquarantine', plugin, hash });
  }

  generations(plugin?: string): readonly GenerationStatus[] {
    const known = plugin === undefined ? Object.values(this.#history.plugins) : [this.#requirePlugin(plugin)];
    return [...known]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((one) => one.generations.map((generation) => this.#status(one, generation)).reverse());
  }

  crashes(plugin?: string, limit = 100): readonly CrashReport[] {
    const names = plugin === undefined ? this.plugins : [this.#requirePlugin(plugin).name];
    return names
      .flatMap((name) => this.#options.journal.crashes(name, 0))
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
  }

  onNews(listener: (news: News) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Ends every life, the latest first. What is meant to serve is started again by the next host. */
  async stop(drainMs?: number): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#cancelTick?.();
    for (const cancel of this.#timers.values()) cancel();
    const serving = [...this.#serving.values()].reverse();
    for (const life of serving) {
      await life.stop(drainMs ?? life.build.manifest.limits.drainMs);
      this.#options.table.remove(life.plugin, life.generation);
    }
    this.#serving.clear();
    await Promise.all([...this.#lives.values()].filter((life) => !serving.includes(life)).map((life) => life.stop(0)));
    await Promise.all(this.#stops);
    this.#outcomes.endAll();
  }

  /** Gives the number of the new generation; null when this very build serves, or is about to. */
  async #admit(build: Build, { session, reason }: DeployOptions): Promise<number | null> {
    const { plugin, hash } = build;
    const known = this.#plugin(plugin);
    const current = known?.generations.find((one) => one.generation === this.#wanted(plugin));
    if (current?.hash === hash && current.state !== 'rejected') return null;
    const generation = Math.max(0, ...(known?.generations.map((one) => one.generation) ?? [])) + 1;
    if (known?.quarantined.includes(hash) !== true) await build.keep?.(generation);
    const key = keyOf(plugin, generation);
    this.#builds.set(key, build);
    if (session !== undefined && session !== null) this.#sessions.set(key, session);
    this.#failures.delete(plugin);
    this.#options.log.info('generation.built', { plugin, generation, hash, reason: reason ?? '' });
    this.#decide({ type: 'built', plugin, generation, hash, isChecked: build.check !== undefined });
    build.check?.then(
      ({ isPassed, reason: why }) => this.#checked(build, generation, isPassed, why),
      (thrown) => this.#checked(build, generation, false, messageOf(thrown)),
    );
    return generation;
  }

  #checked(build: Build, generation: number, isPassed: boolean, reason: string): void {
    if (!isPassed) {
      this.#failures.set(build.plugin, { phase: 'manifest', code: 'BAD_ARGUMENTS', message: reason, location: null });
      this.#report(build.plugin, generation, 'check', reason, null, null);
    }
    this.#decide({ type: 'checked', plugin: build.plugin, generation, isPassed, reason: firstLine(reason) });
  }

  /** Decides, writes it down, and does it. Gives what was decided; `filter` leaves steps to the caller. */
  #decide(event: MedicEvent, filter: (step: Step) => boolean = () => true): readonly Step[] {
    if (this.#isStopping) return [];
    const { clock, log } = this.#options;
    const { history, steps } = decide(this.#history, event, clock.now(), this.#rules);
    const moves: GenerationMove[] = [];
    const plugins = new Set<string>('plugin' in event ? [event.plugin] : []);
    for (const step of steps) {
      if (!('plugin' in step)) continue;
      plugins.add(step.plugin);
      if (step.do === 'move') moves.push(toMove(step, history));
      if (step.do === 'start') moves.push(startMove(step, history));
    }
    const isWorthARow = steps.length > 0 || !['tick', 'called'].includes(event.type);
    this.#history = this.#forget(history, plugins);
    if (isWorthARow) {
      try {
        this.#memory.write(moves, this.#history, plugins);
      } catch (error) {
        // What has to stop stops, also on a full disk.
        log.error('journal.write.failed', { error: messageOf(error) });
      }
    }
    // The flip: nothing is awaited between the pointer and the names.
    for (const plugin of plugins) this.#follow(plugin);
    const todo = steps.filter(filter);
    this.#do(todo);
    for (const step of steps) if (step.do === 'move') this.#moved(step);
    this.#watch();
    return steps;
  }

  #do(steps: readonly Step[]): void {
    const starts: Extract<Step, { do: 'start' }>[] = [];
    for (const step of steps) {
      switch (step.do) {
        case 'start':
          this.#timers.get(keyOf(step.plugin, step.generation))?.();
          if (step.afterMs === 0) starts.push(step);
          else this.#startLater(step);
          break;
        case 'stop':
          this.#stopLife(step.plugin, step.generation, step.how);
          break;
        case 'probe':
          this.#probe(step.plugin, step.generation);
          break;
        case 'quarantine':
          this.#options.log.warn('generation.quarantined', { ...step });
          break;
        case 'tell':
          this.#options.log.warn('medic.told', { plugin: step.plugin, generation: step.generation, text: step.text });
          this.#tell(step.plugin, step.generation, 'told', step.text);
          break;
        case 'safe-mode':
          this.#options.log.error('safe-mode', { reason: step.reason });
          this.#tell('', 0, 'told', `Safe mode: ${step.reason}. Only what ships with the image runs.`);
          break;
        case 'move':
          break;
      }
    }
    if (starts.length > 0) this.#track(this.#startAll(starts));
  }

  #moved({ plugin, generation, to, reason }: Extract<Step, { do: 'move' }>): void {
    const key = keyOf(plugin, generation);
    this.#options.log.debug('generation.moved', { plugin, generation, to, reason });
    if (isSettled(to)) this.#outcomes.end(key);
    const life = this.#lives.get(key);
    if (life !== undefined && takesCalls(to)) this.#track(this.#settler.settle(life));
    if (to === 'committed') {
      this.#options.data.drop(plugin, generation);
      this.#failures.delete(plugin);
    }
    this.#tell(plugin, generation, 'changed', reason);
  }

  /** The names of a plugin stand for the generation that the pointer names, if that one lives. */
  #follow(plugin: string): void {
    const { table, log } = this.#options;
    const wanted = this.#wanted(plugin);
    const life = wanted === null ? undefined : this.#lives.get(keyOf(plugin, wanted));
    const next = life !== undefined && !life.isEnded && takesCalls(this.#stateOf(life)) ? life : undefined;
    const now = this.#serving.get(plugin);
    if (next === now) return;
    if (next === undefined) {
      this.#serving.delete(plugin);
      if (now !== undefined) table.remove(plugin, now.generation);
      return;
    }
    this.#serving.set(plugin, next);
    try {
      table.replace(plugin, next.capabilities());
    } catch (error) {
      // A name that it had left free was taken meanwhile: the rest of it serves.
      log.error('generation.names.taken', { plugin, generation: next.generation, error: messageOf(error) });
      const free = next.capabilities().filter(({ fullName }) => (table.get(fullName)?.plugin ?? plugin) === plugin);
      table.replace(plugin, free);
    }
    this.#track(this.#settler.settle(next));
  }

  #startLater(step: Extract<Step, { do: 'start' }>): void {
    const { clock } = this.#options;
    const key = keyOf(step.plugin, step.generation);
    const wait = step.afterMs * (1 - jitter / 2 + jitter * Math.random());
    const cancel = clock.after(wait, () => {
      this.#timers.delete(key);
      if (this.#find(step.plugin, step.generation)?.state === 'built') this.#track(this.#startAll([step]));
    });
    this.#timers.set(key, () => {
      this.#timers.delete(key);
      cancel();
    });
  }

  /** Sets all up at once, as setup only declares; then lets them serve, providers first. */
  async #startAll(starts: readonly { readonly plugin: string; readonly generation: number }[]): Promise<void> {
    const opened = await Promise.all(starts.map((step) => this.#open(step.plugin, step.generation)));
    const lives = opened.filter((life) => life !== null);
    const { order, refused } = orderLives(lives, this.#options.table);
    for (const [life, error] of refused) this.#stageFailed(life, error);
    for (const life of order) await this.#letServe(life);
  }

  async #open(plugin: string, generation: number): Promise<Life | null> {
    const key = keyOf(plugin, generation);
    let life: Life | null = null;
    try {
      const build = this.#builds.get(key) ?? (await this.#options.load(plugin, generation));
      this.#builds.set(key, build);
      if (this.#isStopping || this.#find(plugin, generation)?.state !== 'built') return null;
      life = this.#newLife(build, generation);
      this.#lives.set(key, life);
      this.#starting.add(life);
      await life.stage();
      return life;
    } catch (thrown) {
      this.#stageFailed(life ?? { plugin, generation }, withPhase('load', thrown));
      return null;
    }
  }

  #newLife(build: Build, number: number): Life {
    const { make, clock, log } = this.#options;
    const life: Life = new Life({
      build,
      number,
      make,
      clock,
      log,
      onEnd: (death) => this.#died(life, death),
      onReopened: () => this.#track(this.#settler.settle(life)),
      onCalled: (isFailed) => {
        if (this.#counts.add(life, isFailed) && this.#stateOf(life) === 'probation') this.#tellCalls(life.plugin);
      },
    });
    return life;
  }

  async #letServe(life: Life): Promise<void> {
    const { plugin, generation } = life;
    const { table, migrate, checkDetails, data } = this.#options;
    const before = this.#serving.get(plugin);
    try {
      await prove(life, { table, migrate, checkDetails, serving: () => [...this.#serving.values()] });
      if (before !== undefined) await this.#settler.release(before, life.running.ready.leases);
      if (life.isEnded) throw life.death === null ? new ClayError('CANCELLED', 'It was stopped.') : ofDeath(life.death);
      table.check(plugin, life.capabilities());
      if (this.#find(plugin, generation)?.isProven === false) data.take(life.build, generation);
      this.#starting.delete(life);
      this.#tellCalls(plugin);
      this.#decide({ type: 'staged', plugin, generation });
      await this.#settler.settle(life);
    } catch (thrown) {
      this.#stageFailed(life, withPhase('register', thrown));
    }
    // Whoever serves has what it is due, also when the newcomer did not come through.
    const serving = this.#serving.get(plugin);
    if (serving !== undefined && serving !== life) await this.#settler.settle(serving);
  }

  #stageFailed(life: Life | { readonly plugin: string; readonly generation: number }, error: ClayError): void {
    const { plugin, generation } = life;
    const death = life instanceof Life ? life.death : null;
    if (life instanceof Life) {
      this.#starting.delete(life);
      this.#end(life, 0);
    }
    // Nobody waits for one that was superseded while it was being set up.
    const { state } = this.#find(plugin, generation) ?? {};
    if (this.#isStopping || (state !== 'built' && state !== 'staged')) return;
    const failure = toPluginFailure('load', error);
    this.#failures.set(plugin, failure);
    const { phase, code, message, location } = failure;
    this.#options.log.error('plugin.failed', { plugin, generation, phase, code, error: message, location });
    this.#report(plugin, generation, phase === 'probe' ? 'probe' : 'stage', message, location, death);
    this.#decide({ type: 'stage-failed', plugin, generation, reason: describe(failure) });
  }

  #failedLive(life: Life, thrown: unknown): void {
    const failure = toPluginFailure('live', thrown);
    this.#died(life, {
      code: failure.code,
      message: failure.message,
      signature: `${failure.phase} ${failure.location ?? failure.message}`,
      location: failure.location,
      livedMs: this.#options.clock.now() - life.startedAt,
      isBlamed: true,
      fault: null,
      details: { phase: failure.phase },
    });
  }

  /** The end of a life that nobody asked for. */
  #died(life: Life, death: Death): void {
    const { plugin, generation } = life;
    // Whoever sets it up learns of it there.
    if (this.#starting.has(life) || this.#isStopping) return;
    const phase = death.fault?.phase ?? (death.details.phase === 'live' ? 'live' : 'run');
    const { message, location, code, signature } = death;
    this.#failures.set(plugin, { phase: phase === 'hello' ? 'load' : phase, code, message, location });
    this.#options.log.error('plugin.failed', { plugin, generation, phase, code, error: message, location });
    this.#end(life, 0);
    this.#note(() =>
      this.#options.journal.crash({ plugin, generation, hash: life.build.hash, phase, signature, message }),
    );
    this.#tellCalls(plugin);
    this.#decide({
      type: 'crashed',
      plugin,
      generation,
      signature,
      readyMs: death.livedMs,
      ...(life.build.origin === 'extension' ? { limit: laneCrashLimit } : {}),
    });
    this.#report(plugin, generation, 'crash', message, location, death);
  }

  #stopLife(plugin: string, generation: number, how: 'drain' | 'kill'): void {
    this.#timers.get(keyOf(plugin, generation))?.();
    const life = this.#lives.get(keyOf(plugin, generation));
    if (life === undefined) {
      if (how === 'drain') this.#decide({ type: 'drained', plugin, generation });
      return;
    }
    const ended = this.#end(life, how === 'drain' ? life.build.manifest.limits.drainMs : 0);
    if (how === 'drain') ended.then(() => this.#decide({ type: 'drained', plugin, generation }));
  }

  #end(life: Life, graceMs: number): Promise<void> {
    const key = keyOf(life.plugin, life.generation);
    const ended = life.stop(graceMs).then(() => {
      this.#options.leases.forget(life);
      if (this.#lives.get(key) === life) this.#lives.delete(key);
    });
    this.#track(ended);
    return ended;
  }

  #probe(plugin: string, generation: number): void {
    const life = this.#lives.get(keyOf(plugin, generation));
    if (life === undefined) return;
    const probed = (isPassed: boolean, reason: string) =>
      this.#decide({ type: 'probed', plugin, generation, isPassed, reason });
    this.#track(
      life.running.probe().then(
        () => void probed(true, ''),
        (thrown) => {
          // Its end tells more than a probe that ended with it.
          if (life.isEnded) return;
          this.#report(plugin, generation, 'probe', messageOf(thrown), null, null);
          probed(false, messageOf(thrown));
        },
      ),
    );
  }

  /** Time passes for the policy as long as somebody is on probation. */
  #watch(): void {
    if (this.#cancelTick !== null || this.#isStopping) return;
    const isWatching = Object.values(this.#history.plugins).some((plugin) =>
      plugin.generations.some(({ state }) => state === 'probation'),
    );
    if (!isWatching) return;
    this.#cancelTick = this.#options.clock.after(tickMs, () => {
      this.#cancelTick = null;
      for (const plugin of this.#counts.plugins) this.#tellCalls(plugin);
      this.#decide({ type: 'tick' });
    });
  }

  #tellCalls(plugin: string): void {
    for (const { generation, calls, failedCalls } of this.#counts.take(plugin))
      this.#decide({ type: 'called', plugin, generation, calls, failedCalls } satisfies GenerationEvent);
  }

  #forget(history: History, plugins: ReadonlySet<string>): History {
    const { keep = 10, forget } = this.#options;
    let next = history;
    for (const name of plugins) {
      const known = history.plugins[name];
      if (known === undefined) continue;
      const { plugin, forgotten } = forgetOld(known, keep);
      if (forgotten.length === 0) continue;
      next = { ...next, plugins: { ...next.plugins, [name]: plugin } };
      for (const generation of forgotten) {
        this.#builds.delete(keyOf(name, generation));
        this.#sessions.delete(keyOf(name, generation));
      }
      forget(name, forgotten);
    }
    return next;
  }

  #tell(plugin: string, generation: number, kind: News['kind'], text: string): void {
    const state = this.#find(plugin, generation)?.state ?? 'stopped';
    const session = this.#sessions.get(keyOf(plugin, generation)) ?? null;
    const news: News = { plugin, generation, kind, state, text, at: this.#options.clock.now(), session };
    for (const listener of this.#listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#options.log.error('news.listener.failed', { error: messageOf(error) });
      }
    }
  }

  #report(
    plugin: string,
    generation: number,
    category: Incident['category'],
    message: string,
    location: string | null,
    death: Death | null,
  ): void {
    const hash = this.#find(plugin, generation)?.hash ?? '';
    const session = this.#sessions.get(keyOf(plugin, generation)) ?? null;
    this.#note(() => this.#options.report({ plugin, generation, hash, category, message, location, death, session }));
  }

  #admission(plugin: string, hash: string, generation: number, isUnchanged: boolean): Admission {
    const state = this.#find(plugin, generation)?.state ?? 'stopped';
    const serves = takesCalls(state);
    const failure = this.#failures.get(plugin);
    const reason = this.#options.journal.history(plugin, 1)[0]?.reason ?? '';
    return {
      plugin,
      generation,
      hash,
      state: isUnchanged ? 'unchanged' : state,
      problem: isUnchanged || serves ? null : failure === undefined ? reason : describe(failure),
    };
  }

  #status(plugin: PluginHistory, one: GenerationHistory): GenerationStatus {
    const row = this.#options.journal
      .history(plugin.name, 200)
      .find((candidate) => candidate.generation === one.generation);
    const { probation } = one;
    const watched =
      probation === null ? 0 : probation.watchedMs + Math.max(0, this.#options.clock.now() - probation.since);
    return {
      plugin: plugin.name,
      generation: one.generation,
      hash: one.hash,
      state: one.state,
      isCurrent: this.#wanted(plugin.name) === one.generation,
      isProven: one.isProven,
      isQuarantined: plugin.quarantined.includes(one.hash),
      at: row?.at ?? 0,
      reason: row?.reason ?? '',
      crashes: one.crashes.length,
      calls: one.calls,
      failedCalls: one.failedCalls,
      probationLeftMs: one.state === 'probation' ? Math.max(0, this.#rules.probationMs - watched) : null,
    };
  }

  #plugin(name: string): PluginHistory | undefined {
    return Object.hasOwn(this.#history.plugins, name) ? this.#history.plugins[name] : undefined;
  }

  #requirePlugin(name: string): PluginHistory {
    const plugin = this.#plugin(name);
    if (plugin !== undefined) return plugin;
    throw new ClayError('NOT_FOUND', `There is no plugin "${name}"; there are ${this.plugins.join(', ') || 'none'}.`);
  }

  #find(plugin: string, generation: number): GenerationHistory | undefined {
    return this.#plugin(plugin)?.generations.find((one) => one.generation === generation);
  }

  #stateOf(life: Life): GenerationState {
    return this.#find(life.plugin, life.generation)?.state ?? 'stopped';
  }

  #wanted(name: string): number | null {
    const plugin = this.#plugin(name);
    if (plugin === undefined) return null;
    if (!this.#history.isSafeMode) return plugin.current;
    return plugin.generations.some((one) => one.generation === 0) ? 0 : null;
  }

  #hashOf(name: string, which: string | number): string {
    const plugin = this.#requirePlugin(name);
    const found =
      typeof which === 'number'
        ? plugin.generations.find((one) => one.generation === which)?.hash
        : [...plugin.generations.map((one) => one.hash), ...plugin.quarantined].find((hash) => hash.startsWith(which));
    if (found !== undefined && which !== '') return found;
    const known = plugin.generations.map((one) => `${one.generation} (${one.hash.slice(0, 12)})`).join(', ');
    throw new ClayError('NOT_FOUND', `"${name}" has no generation ${JSON.stringify(which)}; it has ${known}.`);
  }

  /** Waited for at the stop. */
  #track(work: Promise<void>): void {
    this.#stops.add(work);
    work
      .catch((thrown) => this.#options.log.error('medic.failed', { error: messageOf(thrown) }))
      .finally(() => this.#stops.delete(work));
  }

  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error('journal.write.failed', { error: messageOf(error) });
    }
  }
}

function keyOf(plugin: string, generation: number): string {
  return `${plugin}#${generation}`;
}

function isNotStart(step: Step): boolean {
  return step.do !== 'start';
}

/** It serves, or never will. */
function isSettled(state: GenerationState | undefined): boolean {
  return state !== 'built' && state !== 'staged' && state !== 'crashed';
}

function toMove(
  { plugin, generation, to, reason, point }: Extract<Step, { do: 'move' }>,
  history: History,
): GenerationMove {
  const hash = hashIn(history, plugin, generation);
  return { plugin, generation, hash, state: to, reason, ...(point === undefined ? {} : { current: point }) };
}

function startMove({ plugin, generation, afterMs }: Extract<Step, { do: 'start' }>, history: History): GenerationMove {
  const reason = afterMs === 0 ? 'it starts' : `it starts in ${afterMs} ms`;
  return { plugin, generation, hash: hashIn(history, plugin, generation), state: 'built', reason };
}

function hashIn(history: History, plugin: string, generation: number): string {
  return history.plugins[plugin]?.generations.find((one) => one.generation === generation)?.hash ?? '';
}

function describe({ phase, message, location }: PluginFailure): string {
  return `${message}${location === null || message.includes(location) ? '' : ` (${location})`} [${phase}]`;
}

function ofDeath({ code, message, location }: Death): ClayError {
  return new ClayError(code, message, location === null ? {} : { data: { location } });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
