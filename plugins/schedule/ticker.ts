import { type Context, toFailure } from '@clay/sdk';
import { dueAfterSetBack, makeAgenda } from './agenda.ts';
import type { ScheduleConfig } from './config.ts';
import { nextDue } from './rule.ts';
import { runSchedule, tell, turnOf } from './run-schedule.ts';
import type { Receipt, RunEnd, Schedule, ScheduleTable } from './schedule-table.ts';

/** A clock that is set, a machine that slept and another generation's changes are noticed within this time. */
const longestWaitMs = 60_000;
/** Before the host is asked again that took no turns. */
const pauseMs = 5_000;

const removed: RunEnd = { outcome: 'missed', reason: 'The schedule was removed.', turn: null };

/** Sees what is due and runs it, one instant of a schedule at a time, several schedules side by side. */
export class Ticker {
  readonly #ctx: Context<ScheduleConfig>;
  readonly #table: ScheduleTable;
  /** By schedule: its runs, one behind the other. */
  readonly #running = new Map<number, Promise<void>>();
  #free = 0;
  readonly #waiting: (() => void)[] = [];
  #woken = new AbortController();

  constructor(ctx: Context<ScheduleConfig>, table: ScheduleTable) {
    this.#ctx = ctx;
    this.#table = table;
  }

  /** Something was added or removed. */
  wake(): void {
    this.#woken.abort();
  }

  /** Resolves when the signal aborts and what runs has ended. Never rejects. */
  async tick(signal: AbortSignal): Promise<void> {
    const { clock, log, config } = this.#ctx;
    this.#free = config.maxRuns;
    let hasTakenUp = false;
    while (!signal.aborted) {
      try {
        if (!hasTakenUp) await this.#takeUp(signal);
        hasTakenUp = true;
        // What is added from here on is not overlooked.
        this.#woken = new AbortController();
        const waitMs = await this.#look(signal);
        const woken = AbortSignal.any([signal, this.#woken.signal]);
        await clock.sleep(waitMs, woken).catch(() => undefined);
      } catch (error) {
        if (signal.aborted) break;
        log.error('schedule.stuck', { reason: toFailure(error).error });
        await clock.sleep(longestWaitMs, signal).catch(() => undefined);
      }
    }
    for (const go of this.#waiting.splice(0)) go();
    await Promise.all(this.#running.values());
  }

  /** Goes on with what an earlier process had begun. */
  async #takeUp(signal: AbortSignal): Promise<void> {
    const known = new Map((await this.#table.list()).map((schedule) => [schedule.id, schedule]));
    for (const receipt of await this.#table.begun()) {
      const schedule = known.get(receipt.schedule);
      if (schedule !== undefined) this.#enqueue(schedule, receipt, signal);
      else await this.#table.end(receipt, removed, this.#ctx.clock.now());
    }
  }

  /** Decides about all that is due; gives how long there is nothing to do. */
  async #look(signal: AbortSignal): Promise<number> {
    const now = this.#ctx.clock.now();
    let waitMs = longestWaitMs;
    for (const schedule of await this.#table.list()) {
      const dueAt = await this.#dueAt(schedule, now);
      if (dueAt === null) continue;
      if (dueAt > now) {
        waitMs = Math.min(waitMs, dueAt - now);
        continue;
      }
      const { catchUpRuns } = this.#ctx.config;
      const isRunning = this.#running.has(schedule.id);
      const { rule, catchUp } = schedule;
      const agenda = makeAgenda({ rule, dueAt, now, catchUp, catchUpRuns, isRunning });
      await this.#table.decide(schedule, agenda, now);
      if (agenda.next !== null) waitMs = Math.min(waitMs, agenda.next - now);
      const begun = await this.#table.begun();
      for (const instant of agenda.runs) {
        const receipt = begun.find((one) => one.schedule === schedule.id && one.dueAt === instant);
        // None: a clock that was set back came by an instant that has had its run.
        if (receipt !== undefined) this.#enqueue(schedule, receipt, signal);
      }
    }
    return waitMs;
  }

  /** Set anew when the clock was set back: it does not wait for a time that a wrong clock had reached. */
  async #dueAt({ id, rule, dueAt }: Schedule, now: number): Promise<number | null> {
    if (dueAt === null || dueAt <= now) return dueAt;
    const expected = nextDue(rule, now);
    if (expected === null || expected >= dueAt) return dueAt;
    const ran = await this.#table.ranSince(id, now);
    const due = dueAfterSetBack(rule, now, dueAt, (instant) => ran.has(instant));
    if (due !== dueAt) await this.#table.setDue(id, due);
    return due;
  }

  #enqueue(schedule: Schedule, receipt: Receipt, signal: AbortSignal): void {
    const before = this.#running.get(schedule.id) ?? Promise.resolve();
    const run = before.then(() => this.#run(schedule, receipt, signal));
    this.#running.set(schedule.id, run);
    void run.then(() => {
      if (this.#running.get(schedule.id) === run) this.#running.delete(schedule.id);
    });
  }

  async #run(schedule: Schedule, receipt: Receipt, signal: AbortSignal): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free--;
    try {
      await this.#meet(schedule, receipt, signal);
    } catch (error) {
      // It stays begun, for the next process.
      this.#ctx.log.error('schedule.unkept', { schedule: schedule.name, reason: toFailure(error).error });
    }
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }

  async #meet(schedule: Schedule, first: Receipt, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ctx;
    for (let receipt = first; !signal.aborted; receipt = { ...receipt, tries: receipt.tries + 1 }) {
      try {
        const end = await runSchedule(this.#ctx, schedule, receipt, signal);
        await this.#table.end(receipt, end, clock.now());
        log.info('schedule.ran', { schedule: schedule.name, dueAt: receipt.dueAt, reason: end.reason });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const { error: reason, code, data } = toFailure(error);
        log.warn('schedule.failed', { schedule: schedule.name, dueAt: receipt.dueAt, code, reason });
        if (code !== 'UNAVAILABLE') return this.#fail(schedule, receipt, reason, turnOf(data), signal);
        // The turn was not begun: under another key it is asked for again.
        await this.#table.countTry(receipt);
        await clock.sleep(pauseMs, signal).catch(() => undefined);
      }
    }
  }

  /** The first failure on end is told. */
  async #fail(
    schedule: Schedule,
    receipt: Receipt,
    reason: string,
    turn: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, log } = this.#ctx;
    const before = (await this.#table.receipts(2, schedule.id)).find(({ dueAt }) => dueAt < receipt.dueAt);
    await this.#table.end(receipt, { outcome: 'failed', reason, turn }, clock.now());
    if (before?.outcome === 'failed') return;
    const key = `schedule/${schedule.id}/${receipt.dueAt}/failure`;
    await tell(this.#ctx, schedule, `The schedule “${schedule.name}” failed: ${reason}`, key, signal).catch((thrown) =>
      log.warn('schedule.untold', { schedule: schedule.name, reason: toFailure(thrown).error }),
    );
  }
}
