import { ClayError } from '@clay/sdk';
import type { Build, Death } from '../../generations/build.ts';
import { messageOf } from '../../generations/phase.ts';
import { type PluginFailure, toPluginFailure } from '../../generations/plugin-failure.ts';
import { type GenerationState, takesCalls } from '../../generations/state.ts';
import type { DeadLetter } from '../../router/plugin-router.ts';
import type { Target, Targets } from '../../router/targets.ts';
import type { MedicEvent } from '../event.ts';
import { decide } from '../policy.ts';
import { defaultRules, type Rules } from '../rules.ts';
import type { Step } from '../step.ts';
import { Admissions } from './admissions.ts';
import { Bulletin } from './bulletin.ts';
import { CallCounts } from './call-counts.ts';
import { describeFailure, Incidents } from './incidents.ts';
import type { Life } from './life.ts';
import type { Admission, CrashReport, DeployOptions, GenerationStatus, Medic, News, RollbackOptions } from './medic.ts';
import type { LastHost, MedicOptions, PluginView } from './medic-options.ts';
import { Records } from './records.ts';
import { rowsOf } from './rows.ts';
import { Serving } from './serving.ts';
import { Settler } from './settler.ts';
import { type Started, Starter } from './starter.ts';

/** Often enough to commit in time, and seldom enough to be nothing. A shorter probation is looked at more often. */
const longestTickMs = 1_000;
/** For a generation on probation to show that it turns its loop. */
const answerMs = 5_000;
/** A script whose lane died twice under it is held to be the cause. */
const laneCrashLimit = 2;

/** The medic over the lives of all generations. The kernel boots it. */
export class GenerationMedic implements Medic, Targets {
  readonly #options: MedicOptions;
  readonly #rules: Rules;
  readonly #records: Records;
  readonly #bulletin: Bulletin;
  readonly #settler: Settler;
  /** Of plugins that are waited for. */
  readonly #counts = new CallCounts();
  readonly #starter: Starter;
  readonly #serving: Serving;
  readonly #incidents: Incidents;
  readonly #admissions: Admissions;
  readonly #stops = new Set<Promise<void>>();
  #cancelTick: (() => void) | null = null;
  #isStopping = false;

  constructor(options: MedicOptions) {
    this.#options = options;
    this.#rules = { ...defaultRules, ...options.rules };
    this.#bulletin = new Bulletin(options.clock, options.log);
    this.#records = new Records({
      journal: options.journal,
      clock: options.clock,
      log: options.log,
      rules: this.#rules,
      keep: options.keep ?? 10,
      forget: (plugin, generations) => {
        this.#starter.forget(plugin, generations);
        this.#bulletin.forget(plugin, generations);
        options.forget(plugin, generations);
      },
    });
    this.#incidents = new Incidents({ ...options, records: this.#records, bulletin: this.#bulletin });
    this.#admissions = new Admissions(this.#records, this.#incidents, options.journal);
    this.#serving = new Serving({
      ...options,
      records: this.#records,
      life: (plugin, generation) => this.#starter.life(plugin, generation),
      onServing: (life) => {
        options.onServing?.(life.plugin, life.build);
        this.#track(this.#settler.settle(life));
      },
      onGone: (plugin) => options.onServing?.(plugin, null),
    });
    this.#settler = new Settler({
      leases: options.leases,
      journal: options.journal,
      log: options.log,
      isServing: (life) => this.#serving.get(life.plugin) === life,
      isCommitted: (life) => this.#records.stateOf(life) === 'committed',
      // What ships is live at every start: twenty lines of it would hide what a person is to read.
      onSettled: (life) =>
        options.log[life.generation === 0 ? 'debug' : 'info']('plugin.live', {
          plugin: life.plugin,
          generation: life.generation,
          capabilities: life.capabilities().length,
        }),
      onFailed: (life, thrown) => this.#failedLive(life, thrown),
    });
    this.#starter = new Starter({
      ...options,
      records: this.#records,
      settler: this.#settler,
      serving: this.#serving.lives,
      hooks: (life) => ({
        onEnd: (death) => this.#died(life(), death),
        onReopened: () => this.#track(this.#settler.settle(life())),
        onCalled: (isFailed) => {
          if (this.#counts.add(life(), isFailed) && this.#records.stateOf(life()) === 'probation')
            this.#tellCalls(life().plugin);
        },
      }),
      onStaged: ({ plugin, generation }) => {
        this.#tellCalls(plugin);
        this.#decide({ type: 'staged', plugin, generation });
      },
      onFailed: (started, error, death, isGone) => this.#stageFailed(started, error, death, isGone),
      end: (life) => void this.#end(life, 0),
    });
  }

  find(plugin: string): Target {
    return this.#serving.require(plugin);
  }

  coming(plugin: string): Promise<void> | null {
    return this.#serving.coming(plugin);
  }

  tellOfDeadLetter({ id, capability, plugin, generation }: DeadLetter): void {
    const text = `The call ${id} of ${capability} was accepted twice, and each time the process died: it is given up.`;
    this.#tell(plugin, generation, text);
  }

  view(plugin: string): PluginView {
    const known = this.#records.plugin(plugin);
    const generation = this.#records.wanted(plugin) ?? known?.generations.at(-1)?.generation ?? 0;
    const life = this.#serving.get(plugin) ?? this.#starter.life(plugin, generation) ?? null;
    const state = known?.generations.find((one) => one.generation === generation)?.state ?? 'built';
    return {
      build: life?.build ?? this.#starter.build(plugin, generation) ?? null,
      life: life?.isEnded === true ? null : life,
      generation,
      state,
      failure: this.#incidents.failure(plugin),
    };
  }

  /** Nothing but what ships runs, until a person starts the claw again. */
  get isSafeMode(): boolean {
    return this.#records.history.isSafeMode;
  }

  get plugins(): readonly string[] {
    return this.#records.plugins;
  }

  /**
   * Starts what has to run: what ships, in the order of its requirements, and then what was deployed. Resolves when what
   * ships stands; `deployed` resolves with the rest.
   */
  async boot(shipped: readonly Build[], last: LastHost): Promise<{ readonly deployed: Promise<void> }> {
    for (const build of shipped) this.#starter.add(build, 0);
    const starts = new Map<string, Extract<Step, { do: 'start' }>>();
    const collect = (steps: readonly Step[]) => {
      for (const step of steps) if (step.do === 'start') starts.set(keyOf(step.plugin, step.generation), step);
    };
    collect(this.#decide({ type: 'boot', ...last }, isNotStart));
    for (const { plugin, hash } of shipped)
      collect(this.#decide({ type: 'built', plugin, generation: 0, hash, isChecked: false }, isNotStart));
    const isShipped = (step: Step) => step.do === 'start' && step.generation === 0;
    const all = [...starts.values()];
    await this.#starter.start(all.filter(isShipped));
    return { deployed: this.#starter.start(all.filter((step) => !isShipped(step))) };
  }

  async deploy(build: Build, options: DeployOptions = {}): Promise<Admission> {
    const { plugin, hash } = build;
    const generation = await this.#admissions.inTurn(plugin, () => this.#admit(build, options));
    if (generation === null) return this.#admissions.unchanged(plugin, hash);
    await this.#admissions.settled({ plugin, generation });
    const life = this.#starter.life(plugin, generation);
    if (life !== undefined) await this.#settler.settle(life);
    return this.#admissions.of({ plugin, generation });
  }

  async retire(plugin: string, reason: string): Promise<void> {
    await this.#admissions.inTurn(plugin, async () => {
      this.#incidents.forget(plugin);
      this.#decide({ type: 'retire', plugin, reason });
    });
  }

  async rollback(plugin: string, { to, data = false }: RollbackOptions = {}): Promise<Admission> {
    const current = this.#records.require(plugin).current;
    const build = current === null ? undefined : this.#starter.build(plugin, current);
    const event = { type: 'rollback', plugin, ...(to === undefined ? {} : { to }) } as const;
    const { steps } = decide(this.#records.history, event, this.#options.clock.now(), this.#rules);
    if (!steps.some((step) => step.do === 'move')) {
      const told = steps.find((step) => step.do === 'tell');
      throw new ClayError('CONFLICT', told?.text ?? `Nothing of "${plugin}" serves that could be taken back.`);
    }
    const back = steps.find((step) => step.do === 'move' && step.point !== undefined);
    const target = back?.do === 'move' ? (back.point ?? 0) : 0;
    if (data && current !== null && build !== undefined)
      this.#options.data.restore(build, this.#firstAfter(plugin, current, target));
    this.#decide(event);
    const generation = this.#records.wanted(plugin) ?? 0;
    await this.#admissions.settled({ plugin, generation });
    return this.#admissions.of({ plugin, generation });
  }

  async quarantine(plugin: string, which: string | number, reason: string): Promise<void> {
    this.#decide({ type: 'forbid', plugin, hash: this.#records.hashOf(plugin, which), reason });
  }

  async unquarantine(plugin: string, which: string | number): Promise<void> {
    const hash = this.#records.hashOf(plugin, which);
    this.#decide({ type: 'unquarantine', plugin, hash });
  }

  generations(plugin?: string): readonly GenerationStatus[] {
    for (const name of this.#counts.plugins) this.#tellCalls(name);
    return this.#records.statuses(plugin);
  }

  crashes(plugin?: string, limit = 100): readonly CrashReport[] {
    const names = plugin === undefined ? this.plugins : [this.#records.require(plugin).name];
    return names
      .flatMap((name) => this.#options.journal.crashes(name, 0))
      .sort((a, b) => b.at - a.at)
      .slice(0, limit);
  }

  onNews(listener: (news: News) => void): () => void {
    return this.#bulletin.listen(listener);
  }

  /** Ends every life, the latest first. What is meant to serve is started again by the next host. */
  async stop(drainMs?: number): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    this.#cancelTick?.();
    this.#starter.stop();
    const serving = this.#serving.stop();
    for (const life of serving) {
      await life.stop(drainMs ?? life.build.manifest.limits.drainMs);
      this.#options.table.remove(life.plugin, life.generation);
    }
    await Promise.all(this.#starter.lives.filter((life) => !serving.includes(life)).map((life) => life.stop(0)));
    await Promise.all(this.#stops);
    this.#admissions.endAll();
  }

  /** Of those that are being tried, the first to have come after `target`. */
  #firstAfter(plugin: string, current: number, target: number): number {
    const before = this.#records.find(plugin, current)?.probation?.returnTo ?? null;
    return before === null || before <= target ? current : this.#firstAfter(plugin, before, target);
  }

  /** Gives the number of the new generation; null when this very build serves, or is about to. */
  async #admit(build: Build, { session, reason }: DeployOptions): Promise<number | null> {
    const { plugin, hash } = build;
    const known = this.#records.plugin(plugin);
    const current = known?.generations.find((one) => one.generation === this.#records.wanted(plugin));
    if (current?.hash === hash && current.state !== 'rejected') return null;
    const generation = this.#records.nextNumber(plugin);
    if (known?.quarantined.includes(hash) !== true) await build.keep?.(generation);
    this.#starter.add(build, generation);
    if (session !== undefined && session !== null) this.#bulletin.made(plugin, generation, session);
    this.#incidents.forget(plugin);
    this.#options.log.info('generation.built', { plugin, generation, hash, reason: reason ?? '' });
    this.#decide({ type: 'built', plugin, generation, hash, isChecked: build.check !== undefined });
    build.check?.then(
      (verdict) => {
        if (verdict !== null) this.#checked(build, generation, verdict.isPassed, verdict.reason);
      },
      (thrown) => this.#checked(build, generation, false, messageOf(thrown)),
    );
    return generation;
  }

  #checked(build: Build, generation: number, isPassed: boolean, reason: string): void {
    if (!isPassed) {
      this.#incidents.remember(build.plugin, {
        phase: 'manifest',
        code: 'BAD_ARGUMENTS',
        message: reason,
        location: null,
      });
      this.#incidents.report({ plugin: build.plugin, generation }, 'check', reason);
    }
    this.#decide({ type: 'checked', plugin: build.plugin, generation, isPassed, reason: firstLine(reason) });
  }

  /** Decides, writes it down, and does it. Gives what was decided; `filter` leaves steps to the caller. */
  #decide(event: MedicEvent, filter: (step: Step) => boolean = () => true): readonly Step[] {
    if (this.#isStopping) return [];
    const { clock } = this.#options;
    const { history, steps } = decide(this.#records.history, event, clock.now(), this.#rules);
    const plugins = new Set(steps.flatMap((step) => ('plugin' in step ? [step.plugin] : [])));
    if ('plugin' in event) plugins.add(event.plugin);
    const isWorthARow = steps.length > 0 || !['tick', 'called'].includes(event.type);
    this.#records.update(history, plugins, isWorthARow ? rowsOf(steps, history) : null);
    // The flip: nothing is awaited between the pointer and the names. Where nothing was decided, one that has just died
    // keeps its names: its death is the next event.
    if (isWorthARow) for (const plugin of plugins) this.#serving.follow(plugin);
    const todo = steps.filter(filter);
    this.#do(todo);
    for (const step of steps) {
      if (step.do !== 'move') continue;
      this.#moved(step);
      if (step.to === 'rolled-back' && !isReported(event)) this.#incidents.report(step, 'rollback', step.reason);
    }
    this.#watch();
    return steps;
  }

  #do(steps: readonly Step[]): void {
    const starts: Extract<Step, { do: 'start' }>[] = [];
    for (const step of steps) {
      switch (step.do) {
        case 'start':
          this.#starter.cancel(step.plugin, step.generation);
          if (step.afterMs === 0) starts.push(step);
          else this.#starter.startLater(step, step.afterMs, () => this.#track(this.#starter.start([step])));
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
          this.#tell(step.plugin, step.generation, step.text);
          break;
        case 'safe-mode':
          this.#options.log.error('safe-mode', { reason: step.reason });
          this.#tell('', 0, `Safe mode: ${step.reason}. Only what ships with the image runs.`);
          break;
        case 'move':
          break;
      }
    }
    if (starts.length > 0) this.#track(this.#starter.start(starts));
  }

  #moved({ plugin, generation, to, reason }: Extract<Step, { do: 'move' }>): void {
    this.#options.log.debug('generation.moved', { plugin, generation, to, reason });
    this.#admissions.moved({ plugin, generation });
    const life = this.#starter.life(plugin, generation);
    if (life !== undefined && takesCalls(to)) this.#track(this.#settler.settle(life));
    if (to === 'committed') {
      this.#incidents.note(() => this.#options.data.drop(plugin, generation));
      this.#incidents.forget(plugin);
    }
    this.#bulletin.tell(plugin, generation, 'changed', to, reason);
  }

  #stageFailed({ plugin, generation }: Started, error: ClayError, death: Death | null, isGone: boolean): void {
    // Nobody waits for one that was superseded while it was being set up.
    const state = this.#records.find(plugin, generation)?.state;
    if (this.#isStopping || (state !== 'built' && state !== 'staged')) return;
    const found = toPluginFailure('load', error);
    const failure = { ...found, location: this.#incidents.place(found.location) };
    const { phase, message, location } = failure;
    this.#incidents.remember(plugin, failure);
    this.#incidents.log({ plugin, generation }, failure);
    this.#incidents.report({ plugin, generation }, phase === 'probe' ? 'probe' : 'stage', message, { location, death });
    this.#decide({ type: 'stage-failed', plugin, generation, reason: describeFailure(failure), isGone });
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
    // Whoever sets it up learns of it there; of what was given up nobody has to.
    if (this.#starter.isStarting(life) || this.#isStopping) return;
    if (this.#starter.life(plugin, generation) !== life || !isWatched(this.#records.stateOf(life))) return;
    const told = death.fault?.phase ?? (death.details.phase === 'live' ? 'live' : 'run');
    const phase = told === 'hello' ? 'load' : told;
    const { message, code, signature } = death;
    const location = this.#incidents.place(death.location);
    const failure: PluginFailure = { phase, code, message, location };
    if (this.#serving.get(plugin) === life) this.#incidents.remember(plugin, failure);
    this.#incidents.log(life, failure);
    this.#end(life, 0);
    this.#incidents.crash(life, phase, death);
    this.#tellCalls(plugin);
    this.#decide({
      type: 'crashed',
      plugin,
      generation,
      signature,
      cause: firstLine(message).replace(/\.$/, ''),
      readyMs: death.livedMs,
      ...(life.build.origin === 'extension' ? { limit: laneCrashLimit } : {}),
    });
    this.#incidents.report(life, 'crash', message, { location, death });
  }

  #stopLife(plugin: string, generation: number, how: 'drain' | 'kill'): void {
    this.#starter.cancel(plugin, generation);
    const life = this.#starter.life(plugin, generation);
    if (life === undefined) {
      if (how === 'drain') this.#decide({ type: 'drained', plugin, generation });
      return;
    }
    const ended = this.#end(life, how === 'drain' ? life.build.manifest.limits.drainMs : 0);
    if (how === 'drain') ended.then(() => this.#decide({ type: 'drained', plugin, generation }));
  }

  #end(life: Life, graceMs: number): Promise<void> {
    const ended = life.stop(graceMs).then(() => {
      this.#options.leases.forget(life);
      this.#starter.remove(life);
    });
    this.#track(ended);
    return ended;
  }

  #probe(plugin: string, generation: number): void {
    const life = this.#starter.life(plugin, generation);
    if (life === undefined) return;
    const probed = (isPassed: boolean, reason: string) =>
      this.#decide({ type: 'probed', plugin, generation, isPassed, reason });
    this.#track(
      probeOnce(life).then(
        () => void probed(true, ''),
        (thrown) => {
          // Its end tells more than a probe that ended with it.
          if (life.isEnded) return;
          this.#incidents.report({ plugin, generation }, 'probe', messageOf(thrown));
          probed(false, messageOf(thrown));
        },
      ),
    );
  }

  /** Time passes for the policy as long as somebody is on probation. */
  #watch(): void {
    if (this.#cancelTick !== null || this.#isStopping) return;
    if (!this.#records.isWatching) return;
    const { probationMs, probeRounds } = this.#rules;
    this.#cancelTick = this.#options.clock.after(Math.min(longestTickMs, probationMs / probeRounds), () => {
      this.#cancelTick = null;
      for (const plugin of this.#counts.plugins) this.#tellCalls(plugin);
      this.#decide({ type: 'tick' });
    });
  }

  #tellCalls(plugin: string): void {
    for (const { generation, calls, failedCalls } of this.#counts.take(plugin))
      this.#decide({ type: 'called', plugin, generation, calls, failedCalls });
  }

  #tell(plugin: string, generation: number, text: string): void {
    this.#bulletin.tell(plugin, generation, 'told', this.#records.stateOf({ plugin, generation }), text);
  }

  /** Waited for at the stop. */
  #track(work: Promise<void>): void {
    this.#stops.add(work);
    work
      .catch((thrown) => this.#options.log.error('medic.failed', { error: messageOf(thrown) }))
      .finally(() => this.#stops.delete(work));
  }
}

function keyOf(plugin: string, generation: number): string {
  return `${plugin}#${generation}`;
}

function isNotStart(step: Step): boolean {
  return step.do !== 'start';
}

/** One that has no probes, or only such as turn no loop, still has to answer. */
async function probeOnce({ running }: Life): Promise<void> {
  await running.ping(answerMs);
  await running.probe();
}

/** A person has asked for it, or what failed has a log of its own. */
function isReported(event: MedicEvent): boolean {
  switch (event.type) {
    case 'rollback':
    case 'forbid':
      return true;
    case 'checked':
    case 'probed':
      return !event.isPassed;
    default:
      return false;
  }
}

/** Its end is news: it serves, stands by, or lets its calls end. */
function isWatched(state: GenerationState): boolean {
  return takesCalls(state) || state === 'staged' || state === 'draining';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
