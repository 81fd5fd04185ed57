import { randomUUID } from 'node:crypto';
import { ClayError } from '@clay/sdk';
import type { SessionKey } from '../../store/session-store.ts';
import { type LiveSessions, nameOf, sessionNotFound } from '../sessions/live-sessions.ts';
import type { NamedLock } from '../sessions/session-lock.ts';
import type { BoundedTraces } from '../traces/bounded-traces.ts';
import { runTurn } from './run-turn.ts';
import type { Turn, TurnOutcome, TurnRequest, Turns } from './turn.ts';
import { TurnRecord } from './turn-record.ts';
import type { AgentParts } from './turn-scope.ts';

/** Turns that are remembered after their end, for clients that come back. */
const maxEnded = 200;
/** Turns that may wait in one session. */
const maxWaiting = 50;

/** Runs turns: one at a time per session, sessions side by side. */
export class TurnQueue implements Turns {
  readonly #parts: AgentParts;
  readonly #live: LiveSessions;
  readonly #lock: NamedLock;
  readonly #traces: BoundedTraces;
  readonly #known = new Map<string, TurnRecord>();
  /** Of each session: the running turn first, then those that wait. */
  readonly #open = new Map<string, TurnRecord[]>();
  #isStopping = false;

  constructor(parts: AgentParts, live: LiveSessions, lock: NamedLock, traces: BoundedTraces) {
    this.#parts = parts;
    this.#live = live;
    this.#lock = lock;
    this.#traces = traces;
  }

  start(request: TurnRequest): Turn {
    if (this.#isStopping) throw new ClayError('UNAVAILABLE', 'The host is stopping and takes no new turns.');
    checkMessage(request);
    const key = keyOf(request);
    if (!this.#parts.store.sessions.get(key, 'none')) throw sessionNotFound(key);
    const name = nameOf(key);
    const open = this.#open.get(name) ?? [];
    if (open.length > maxWaiting) {
      throw new ClayError('CONFLICT', `${maxWaiting} messages are waiting in session "${request.session}" already.`);
    }
    const turn = new TurnRecord(randomUUID(), request);
    this.#known.set(turn.id, turn);
    this.#open.set(name, [...open, turn]);
    void this.#lock.run(name, () => this.#run(turn, request, key));
    return turn;
  }

  get(turnId: string): Turn | undefined {
    return this.#known.get(turnId);
  }

  running(app: string, user: string, session: string): Turn | undefined {
    return this.#open.get(nameOf({ app, user, session }))?.[0];
  }

  cancel(app: string, user: string, session: string, reason = 'the person cancelled it'): boolean {
    const open = this.#open.get(nameOf({ app, user, session })) ?? [];
    for (const turn of open) turn.cancel(reason);
    return open.length > 0;
  }

  active(): number {
    let count = 0;
    for (const turns of this.#open.values()) count += turns.length;
    return count;
  }

  /** Refuses new turns, waits for the open ones, and cancels what is left after `drainMs`. */
  async stop(drainMs: number): Promise<void> {
    this.#isStopping = true;
    const open = [...this.#open.values()].flat();
    const cancelRest = this.#parts.clock.after(drainMs, () => {
      for (const turn of open) turn.cancel('the host is stopping');
    });
    await Promise.all(open.map((turn) => turn.done));
    cancelRest();
  }

  async #run(turn: TurnRecord, request: TurnRequest, key: SessionKey): Promise<void> {
    const { clock, config, log } = this.#parts;
    const stopTimer = clock.after(config.limits.turnMs, () =>
      turn.cancel(`it took longer than ${Math.round(config.limits.turnMs / 1000)} seconds`),
    );
    let outcome: TurnOutcome;
    try {
      outcome = await runTurn(turn, request, this.#live.open(key), this.#parts, this.#traces);
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      log.error('turn.lost', { turn: turn.id, session: turn.session, error: message });
      // What the window holds may not be what the database holds: read it again at the next turn.
      this.#live.forget(key);
      const error = { code: thrown instanceof ClayError ? thrown.code : 'INTERNAL', message };
      outcome = { status: 'failed', text: '', events: turn.wholeEvents(), error };
    }
    stopTimer();
    this.#close(turn, nameOf(key));
    turn.end(outcome);
    const { user, session, id } = turn;
    void this.#parts.emit('turn.ended', {
      user,
      session,
      turn: id,
      text: outcome.text,
      failed: outcome.status !== 'done',
    });
  }

  #close(turn: TurnRecord, name: string): void {
    const rest = this.#open.get(name)?.filter((open) => open !== turn) ?? [];
    if (rest.length > 0) this.#open.set(name, rest);
    else this.#open.delete(name);
    for (const [id, known] of this.#known) {
      if (this.#known.size <= maxEnded + this.active()) break;
      if (known.isEnded) this.#known.delete(id);
    }
  }
}

function keyOf({ app, user, session }: TurnRequest): SessionKey {
  return { app, user, session };
}

function checkMessage({ message }: TurnRequest): void {
  const parts = message.parts ?? [];
  const isEmpty = parts.every((part) => (part.text ?? '').trim() === '' && !part.inlineData && !part.fileData);
  const answersCalls = parts.some((part) => part.functionResponse);
  if (parts.some((part) => part.functionCall)) {
    throw new ClayError('BAD_ARGUMENTS', 'A message may not hold function calls: only the model makes them.');
  }
  if (isEmpty && !answersCalls)
    throw new ClayError('BAD_ARGUMENTS', 'The message is empty: it needs a part with text.');
}
