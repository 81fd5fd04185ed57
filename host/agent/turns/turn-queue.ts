import { randomUUID } from 'node:crypto';
import { ClayError } from '@clay/sdk';
import type { SessionKey } from '../../store/session-store.ts';
import { rootName } from '../agents/build-agent.ts';
import type { EventJson } from '../event-json.ts';
import { type LiveSessions, nameOf, sessionNotFound } from '../sessions/live-sessions.ts';
import type { NamedLock } from '../sessions/session-lock.ts';
import { tellPlugins } from '../tell-plugins.ts';
import type { BoundedTraces } from '../traces/bounded-traces.ts';
import { OpenTurns } from './open-turns.ts';
import { endsTurn } from './outcome.ts';
import { runTurn } from './run-turn.ts';
import type { Turn, TurnOutcome, TurnRequest, Turns } from './turn.ts';
import { TurnRecord } from './turn-record.ts';
import type { AgentParts } from './turn-scope.ts';

/** Turns that are remembered after their end, for clients that come back. */
const maxEnded = 200;
/** Of these, the newest whose pieces of text are remembered too. */
const maxWithPartials = 8;
/** Turns that may wait in one session. */
const maxWaiting = 50;

/** Times that one turn is begun, crashes of the host included. */
const maxAttempts = 3;

/** Runs turns: one at a time per session, sessions side by side. */
export class TurnQueue implements Turns {
  readonly #parts: AgentParts;
  readonly #live: LiveSessions;
  readonly #lock: NamedLock;
  readonly #traces: BoundedTraces;
  readonly #known = new Map<string, TurnRecord>();
  /** Of each session: the running turn first, then those that wait. */
  readonly #open = new Map<string, TurnRecord[]>();
  readonly #openTurns: OpenTurns;
  readonly #justEnded: TurnRecord[] = [];
  #isStopping = false;

  constructor(parts: AgentParts, live: LiveSessions, lock: NamedLock, traces: BoundedTraces) {
    this.#parts = parts;
    this.#live = live;
    this.#lock = lock;
    this.#traces = traces;
    this.#openTurns = new OpenTurns(parts.store.settings);
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
    return this.#enqueue(randomUUID(), request, 1);
  }

  /** Goes on with the turns that an earlier process left open. */
  resume(): readonly Turn[] {
    const resumed: Turn[] = [];
    for (const [id, { attempts, ...who }] of this.#openTurns.takeOver()) {
      if (this.#known.has(id)) continue;
      const own = this.#eventsOf(id, who);
      const message = own.find(({ author }) => author === 'user')?.content;
      const isUnfinished = message !== undefined && !endsTurn(own.at(-1), rootName);
      this.#parts.log.info('turn.found_open', { turn: id, session: who.session, attempts, isUnfinished });
      if (!isUnfinished || attempts >= maxAttempts) this.#openTurns.end(id);
      else resumed.push(this.#enqueue(id, { ...who, message, streaming: false }, attempts + 1));
    }
    this.#openTurns.save();
    return resumed;
  }

  #eventsOf(turnId: string, key: SessionKey): EventJson[] {
    const { sessions } = this.#parts.store;
    if (!sessions.get(key, 'none')) return [];
    const events = sessions.events(key, 'all').map(({ event }) => event as unknown as EventJson);
    return events.filter(({ invocationId }) => invocationId === turnId);
  }

  #enqueue(id: string, request: TurnRequest, attempts: number): Turn {
    const key = keyOf(request);
    const name = nameOf(key);
    const turn = new TurnRecord(id, request, attempts > 1);
    this.#known.set(id, turn);
    this.#open.set(name, [...(this.#open.get(name) ?? []), turn]);
    void this.#lock.run(name, () => this.#run(turn, request, key, attempts));
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
      for (const turn of open) turn.interrupt();
    });
    await Promise.all(open.map((turn) => turn.done));
    cancelRest();
    this.#saveOpenTurns();
  }

  async #run(turn: TurnRecord, request: TurnRequest, key: SessionKey, attempts: number): Promise<void> {
    const { clock, config, log, budgets } = this.#parts;
    const stopTimer = clock.after(config.limits.turnMs, () =>
      turn.cancel(`it took longer than ${config.limits.turnMs / 1000} seconds`),
    );
    let outcome: TurnOutcome;
    try {
      const { caller, schedule } = request;
      budgets.origins.begin(turn.id, caller, schedule);
      this.#openTurns.begin(turn.id, { ...key, caller, schedule, attempts });
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
    budgets.origins.end(turn.id);
    if (outcome.isParked) {
      // A stop is no crash: it does not count against the turn.
      this.#openTurns.begin(turn.id, {
        ...key,
        caller: request.caller,
        schedule: request.schedule,
        attempts: Math.max(1, attempts - 1),
      });
    } else this.#markEnded(turn, outcome);
    this.#close(turn, nameOf(key));
    turn.end(outcome);
    if (outcome.isParked) return;
    const { user, session, id } = turn;
    tellPlugins(this.#parts, 'turn.ended', {
      user,
      session,
      turn: id,
      text: outcome.text,
      failed: outcome.status !== 'done',
    });
  }

  #markEnded(turn: TurnRecord, outcome: TurnOutcome): void {
    this.#openTurns.end(turn.id);
    // A new process could not see that it has ended.
    if (!endsTurn(outcome.events.at(-1), rootName)) this.#saveOpenTurns();
  }

  #saveOpenTurns(): void {
    try {
      this.#openTurns.save();
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown.message : String(thrown);
      this.#parts.log.warn('turn.ends_unsaved', { error });
    }
  }

  #close(turn: TurnRecord, name: string): void {
    const rest = this.#open.get(name)?.filter((open) => open !== turn) ?? [];
    if (rest.length > 0) this.#open.set(name, rest);
    else this.#open.delete(name);
    this.#justEnded.push(turn);
    if (this.#justEnded.length > maxWithPartials) this.#justEnded.shift()?.forgetPartials();
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
