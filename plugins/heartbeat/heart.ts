import { type Context, type Json, toFailure } from '@clay/sdk';
import { type HeartbeatConfig, intervalOf, longestMs } from './config.ts';
import { jsonField } from './json-field.ts';
import { isQuiet } from './quiet-hours.ts';
import type { NextHeartbeat, Receipts } from './receipts.ts';
import { parseReply } from './reply.ts';
import { look, type Surroundings } from './surroundings.ts';

/** Who asks the model at a heartbeat. */
export const heartbeatUser = 'heartbeat';
export const heartbeatPrefix = '[HEARTBEAT]';

const text = `${heartbeatPrefix} Nobody is talking to you: this is your own time. Work on the most urgent task, or on what your notes ask for. Answer exactly HEARTBEAT_OK when there is nothing to do and nothing to tell; anything else is sent to your person. A last line such as "NEXT_HEARTBEAT: 30m" (1m to 24h) says when you want to be woken next.`;

/** A clock that is set, and a machine that slept, are noticed within this time. */
const longestWaitMs = 60_000;
/** Later than this the claw was down or asleep, and the instant is not made up for. */
const graceMs = 120_000;
const turnMs = 30 * 60_000;
const quietState = 'quiet-since';

/** The one owner of heartbeats: each instant that comes due ends with one receipt. */
export class Heart {
  readonly #ctx: Context<HeartbeatConfig>;
  readonly #receipts: Receipts;

  constructor(ctx: Context<HeartbeatConfig>, receipts: Receipts) {
    this.#ctx = ctx;
    this.#receipts = receipts;
  }

  /** Resolves when the signal aborts and a running heartbeat has its receipt. Never rejects. */
  async beat(signal: AbortSignal): Promise<void> {
    const { clock, log, config } = this.#ctx;
    const intervalMs = intervalOf(config);
    if (intervalMs === null) return;
    let isTakenOver = false;
    while (!signal.aborted) {
      try {
        if (!isTakenOver) await this.#takeOver(intervalMs, signal);
        isTakenOver = true;
        const waitMs = await this.#step(intervalMs, signal);
        if (waitMs > 0) await clock.sleep(waitMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        log.error('heartbeat.stuck', { reason: toFailure(error).error });
        await clock.sleep(longestWaitMs, signal).catch(() => undefined);
      }
    }
  }

  /** Does what is due; gives how long to wait. */
  async #step(intervalMs: number, signal: AbortSignal): Promise<number> {
    const now = this.#ctx.clock.now();
    const next = await this.#receipts.next();
    // The first one, or of a clock that was set back since: such an instant has not come, and gets no receipt.
    if (next === null || next.dueAt - now > longestMs) {
      await this.#receipts.setNext({ dueAt: now + intervalMs, isAsked: false });
      return Math.min(intervalMs, longestWaitMs);
    }
    if (next.dueAt > now) return Math.min(next.dueAt - now, longestWaitMs);
    const late = now - next.dueAt;
    if (late <= graceMs) await this.#meet(next, intervalMs, signal);
    else await this.#missAll(next.dueAt, intervalMs, now);
    return 0;
  }

  /** The host goes on with the turns of one that died: the answer of the last heartbeat is worth waiting for. */
  async #takeOver(intervalMs: number, signal: AbortSignal): Promise<void> {
    const now = this.#ctx.clock.now();
    await this.#receipts.closeBegun(now - turnMs, now);
    for (const dueAt of await this.#receipts.begun())
      await this.#finish(dueAt, await look(this.#ctx), intervalMs, signal);
  }

  async #missAll(dueAt: number, intervalMs: number, now: number): Promise<void> {
    const instants = Math.floor((now - dueAt) / intervalMs) + 1;
    const next = { dueAt: dueAt + instants * intervalMs, isAsked: false };
    await this.#receipts.miss(dueAt, instants, 'The claw was down or asleep.', now, next);
  }

  async #meet({ dueAt, isAsked }: NextHeartbeat, intervalMs: number, signal: AbortSignal): Promise<void> {
    const { clock, config } = this.#ctx;
    const usual = { dueAt: dueAt + intervalMs, isAsked: false };
    const miss = (reason: string) => this.#receipts.miss(dueAt, 1, reason, clock.now(), usual);
    if (config.quietHours !== null && isQuiet(dueAt, config.quietHours)) return miss('It fell into the quiet hours.');
    const around = await look(this.#ctx);
    if (!isAsked && !(await this.#isWorthwhile(around))) return miss('Nothing was due and nothing had changed.');
    await this.#receipts.begin(dueAt, usual);
    await this.#finish(dueAt, around, intervalMs, signal);
  }

  async #finish(dueAt: number, around: Surroundings, intervalMs: number, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ctx;
    const usual = { dueAt: dueAt + intervalMs, isAsked: false };
    try {
      const nextMs = await this.#run(dueAt, around, signal);
      const next =
        nextMs === null ? await this.#after(usual, intervalMs) : { dueAt: clock.now() + nextMs, isAsked: true };
      await this.#receipts.end(dueAt, 'ran', '', clock.now(), next);
    } catch (error) {
      const { error: reason, code } = toFailure(error);
      log.warn('heartbeat.failed', { dueAt, code, reason });
      await this.#receipts.end(dueAt, 'failed', reason, clock.now(), await this.#after(usual, intervalMs));
    }
  }

  /** The next instant that has not passed during the turn: those that have are missed. */
  async #after(usual: NextHeartbeat, intervalMs: number): Promise<NextHeartbeat> {
    const now = this.#ctx.clock.now();
    if (usual.dueAt > now) return usual;
    const instants = Math.floor((now - usual.dueAt) / intervalMs) + 1;
    const next = { dueAt: usual.dueAt + instants * intervalMs, isAsked: false };
    await this.#receipts.miss(usual.dueAt, instants, 'The heartbeat before it was still running.', now, next);
    return next;
  }

  /** An answer of HEARTBEAT_OK stands until something changes; work that was begun goes on at the next heartbeat. */
  async #isWorthwhile({ fingerprint, activeTasks }: Surroundings): Promise<boolean> {
    const { store } = this.#ctx;
    const last = await store.get(quietState);
    if (last === undefined) {
      if (activeTasks > 0) return true;
      // Of a claw that nobody has given anything to do yet.
      await store.set(quietState, fingerprint);
      return false;
    }
    return last !== fingerprint;
  }

  /** Gives when the next one was asked for. */
  async #run(dueAt: number, before: Surroundings, signal: AbortSignal): Promise<number | null> {
    const { log, store } = this.#ctx;
    const key = `heartbeat/${dueAt}`;
    const outcome = await this.#ctx.call(
      'service:turns.start',
      { user: heartbeatUser, session: heartbeatUser, text },
      { key, timeoutMs: turnMs, signal },
    );
    const { text: said, nextMs, unread } = parseReply(answerOf(outcome));
    if (unread !== null) log.warn('heartbeat.next_unread', { told: unread });
    if (said === null) {
      const { fingerprint } = await look(this.#ctx);
      await store.set(quietState, fingerprint);
    } else {
      // Different from every fingerprint, so that the work goes on; without tasks there is none to go on with.
      await store.set(quietState, before.activeTasks > 0 ? '' : (await look(this.#ctx)).fingerprint);
      await this.#ctx.call('service:chat.send', { text: said }, { key: `${key}/answer`, signal });
    }
    log.info('heartbeat.ran', { dueAt, isQuiet: said === null, nextMs });
    return nextMs;
  }
}

function answerOf(outcome: Json): string {
  const answer = jsonField(outcome, 'text');
  if (typeof answer === 'string') return answer;
  throw new TypeError(`service:turns.start gave ${JSON.stringify(outcome)} in place of {text}.`);
}
