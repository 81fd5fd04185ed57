import { randomUUID } from 'node:crypto';
import { ClayError, toFailure } from '@clay/sdk';
import type { AgentHost } from '../../agent/agent-host.ts';
import type { Content, EventJson } from '../../agent/event-json.ts';
import type { Turn } from '../../agent/turns/turn.ts';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { noticeLifeMs, type Outbox } from '../outbox/outbox.ts';
import { activityCapability } from './activity.ts';
import { givenUp, MessageEnd } from './message-end.ts';
import { readStoredTurn } from './stored-outcome.ts';
import { TurnWatch } from './turn-watch.ts';

/** How often a turn is begun for a message before it is taken for the cause of the deaths. */
const maxAttempts = 3;
/** From so many messages before it on, a new one is told that it waits. */
const longQueue = 2;
/** And not more often than this. */
const queueNoticeMs = 60_000;
/** After a refusal that passes. */
const pauseMs = 5_000;

/** What runs for one session. */
interface Lane {
  ended: Promise<void>;
  toldOfQueueAt: number;
}

/** Runs the turns of accepted messages: in order within a session, sessions side by side. */
export class TurnRunner {
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  readonly #agentHost: AgentHost;
  readonly #lanes = new Map<string, Lane>();
  readonly #end: MessageEnd;
  readonly #stopping = new AbortController();

  constructor(parts: DeliveryParts, outbox: Outbox, agentHost: AgentHost) {
    this.#parts = parts;
    this.#outbox = outbox;
    this.#agentHost = agentHost;
    this.#end = new MessageEnd(parts, outbox);
  }

  /** Takes up a message that was accepted just now. */
  take(message: InboxMessage): void {
    this.#tellOfQueue(message);
    this.wake(message.user, message.session);
  }

  /** Runs what waits in a session. */
  wake(user: string, session: string): void {
    const name = JSON.stringify([user, session]);
    if (this.#lanes.has(name) || this.#stopping.signal.aborted) return;
    const lane: Lane = { ended: Promise.resolve(), toldOfQueueAt: Number.NEGATIVE_INFINITY };
    this.#lanes.set(name, lane);
    lane.ended = this.#run(user, session).then(() => this.#leave(name, lane, user, session));
  }

  #leave(name: string, lane: Lane, user: string, session: string): void {
    if (this.#lanes.get(name) !== lane) return;
    this.#lanes.delete(name);
    if (this.#stopping.signal.aborted) return;
    // What came while the lane was ending has woken nobody.
    if (this.#parts.store.inbox.next(user, session)?.state === 'waiting') this.wake(user, session);
  }

  /** Goes on with what an earlier host had begun; `resumed` are the turns that the agent goes on with. */
  resume(resumed: readonly Turn[]): void {
    const turns = new Map(resumed.map((turn) => [turn.id, turn]));
    for (const message of this.#parts.store.inbox.open()) {
      if (message.command !== null || message.state !== 'open' || message.turn === null) continue;
      const turn = turns.get(message.turn);
      // Begun by this host, between its start and now.
      if (turn === undefined && this.#agentHost.turns.get(message.turn) !== undefined) continue;
      if (turn === undefined) this.#settle(message, message.turn);
      else this.#takeOver(message, turn);
      if (message.conversation !== null) this.wake(message.user, message.session);
    }
  }

  /** The end of this turn is told by somebody else. */
  silence(turnId: string): void {
    this.#end.silence(turnId);
  }

  /** Begins no more turns; resolves when the ends of those that run are kept. The agent is stopped before. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the host is stopping'));
    await Promise.all([...this.#lanes.values()].map(({ ended }) => ended));
  }

  /** Until nothing waits, the first message is an earlier host's, which {@link resume} takes up, or the host stops. */
  async #run(user: string, session: string): Promise<void> {
    const { store, log } = this.#parts;
    while (!this.#stopping.signal.aborted) {
      try {
        const message = store.inbox.next(user, session);
        if (message?.state !== 'waiting') return;
        await this.#begin(message);
      } catch (thrown) {
        log.error('inbox.stuck', { user, session, ...toFailure(thrown) });
        await this.#pause();
      }
    }
  }

  async #begin(message: InboxMessage): Promise<void> {
    const { store } = this.#parts;
    const conversation = store.conversations.get(message.conversation ?? '');
    if (conversation === undefined) throw new Error(`The message ${message.seq} belongs to no conversation.`);
    const turn = this.#start(message, conversation);
    if (turn === undefined) return this.#pause();
    if (turn === 'settled') return;
    // In the tick of its start: nothing of the turn is stored before its message names it.
    store.inbox.begin(message.seq, turn.id);
    await this.#follow(message, conversation, turn);
  }

  /** Undefined: not now. `settled`: it waits in another session, or has ended. */
  #start(message: InboxMessage, conversation: Conversation): Turn | undefined | 'settled' {
    const { registry, log } = this.#parts;
    try {
      return this.#agentHost.turns.start({
        app: this.#agentHost.appName,
        user: message.user,
        session: message.session,
        message: contentOf(message),
        streaming: registry.get(activityCapability(conversation.channel)) !== undefined,
        caller: `channel:${conversation.channel}`,
      });
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (failure.code === 'NOT_FOUND') {
        this.#move(message, conversation);
        return 'settled';
      }
      if (!(thrown instanceof ClayError)) throw thrown;
      log.warn('turn.refused', { message: message.seq, ...failure });
      if (failure.code === 'UNAVAILABLE' || failure.code === 'CONFLICT') return undefined;
      const error = { code: failure.code, message: failure.error };
      this.#end.tell(message, conversation, null, { status: 'failed', text: '', events: [], error });
      return 'settled';
    }
  }

  /** The session was deleted while the message waited. */
  #move(message: InboxMessage, conversation: Conversation): void {
    const { store } = this.#parts;
    const app = this.#agentHost.appName;
    store.transaction(() => {
      const current = { app, user: message.user, session: conversation.session };
      const isThere = store.sessions.get(current, 'none') !== undefined;
      const session = isThere ? current.session : randomUUID();
      if (!isThere) store.sessions.create({ ...current, session });
      if (!isThere) store.conversations.put({ ...conversation, session });
      store.inbox.putBack(message.seq, session);
      queueMicrotask(() => this.wake(message.user, session));
    });
  }

  async #follow(message: InboxMessage, conversation: Conversation, turn: Turn): Promise<void> {
    const watching = new TurnWatch(this.#parts, this.#outbox, turn, conversation).run();
    const outcome = await turn.done;
    // The message stays open: the next host goes on.
    if (!outcome.isParked) await this.#keep(() => this.#end.tell(message, conversation, turn.id, outcome));
    await watching;
  }

  #takeOver(message: InboxMessage, turn: Turn): void {
    const { store } = this.#parts;
    const conversation = store.conversations.get(message.conversation ?? '');
    if (conversation === undefined) {
      void turn.done.then((outcome) => {
        if (!outcome.isParked) return this.#keep(() => this.#end.keepResult(message, outcome));
      });
      return;
    }
    const name = JSON.stringify([message.user, message.session]);
    const lane: Lane = { ended: Promise.resolve(), toldOfQueueAt: Number.NEGATIVE_INFINITY };
    this.#lanes.set(name, lane);
    const { user, session } = message;
    lane.ended = this.#follow(message, conversation, turn).then(() => this.#leave(name, lane, user, session));
  }

  /** Nobody goes on with the turn of this message: it had ended, left nothing, or was given up. */
  #settle(message: InboxMessage, turnId: string): void {
    const { store } = this.#parts;
    const conversation = store.conversations.get(message.conversation ?? '');
    const stored = readStoredTurn(this.#eventsOf(message, turnId), this.#agentHost.appName);
    if (stored.kind === 'unbegun' && message.attempts < maxAttempts) {
      store.inbox.putBack(message.seq);
      return;
    }
    const outcome = stored.kind === 'ended' ? stored.outcome : givenUp;
    if (conversation === undefined) this.#end.keepResult(message, outcome);
    else this.#end.tell(message, conversation, turnId, outcome);
  }

  #eventsOf({ user, session }: InboxMessage, turnId: string): EventJson[] {
    const { sessions } = this.#parts.store;
    const key = { app: this.#agentHost.appName, user, session };
    if (sessions.get(key, 'none') === undefined) return [];
    const events = sessions.events(key, 'all').map(({ event }) => event as unknown as EventJson);
    return events.filter(({ invocationId }) => invocationId === turnId);
  }

  #tellOfQueue(message: InboxMessage): void {
    const { store, clock } = this.#parts;
    const lane = this.#lanes.get(JSON.stringify([message.user, message.session]));
    const conversation = store.conversations.get(message.conversation ?? '');
    if (lane === undefined || conversation === undefined) return;
    const before = store.inbox.countOpen(message.user, message.session, message.seq);
    if (before < longQueue || clock.now() - lane.toldOfQueueAt < queueNoticeMs) return;
    lane.toldOfQueueAt = clock.now();
    const { channel, chat } = conversation;
    this.#outbox.add({
      key: `queued:${message.seq}`,
      channel,
      chat,
      kind: 'notice',
      text: `I have your message. ${before} are before it; I take them in turn. /stop ends what I am doing and drops what waits.`,
      expiresAt: clock.now() + noticeLifeMs,
    });
    this.#outbox.wake(channel, chat);
  }

  /** The turn has been run: what it gave is kept as soon as the disk takes it. A stop before that leaves it to the next host. */
  async #keep(write: () => void): Promise<void> {
    while (true) {
      try {
        return write();
      } catch (thrown) {
        this.#parts.log.error('inbox.stuck', { ...toFailure(thrown) });
        if (this.#stopping.signal.aborted) return;
        await this.#pause();
      }
    }
  }

  async #pause(): Promise<void> {
    const { clock } = this.#parts;
    await clock.sleep(pauseMs, this.#stopping.signal).catch(() => undefined);
  }
}

function contentOf({ text, images }: InboxMessage): Content {
  const shown = images.map(({ name, mediaType, base64 }) => ({
    inlineData: { mimeType: mediaType, data: base64, displayName: name },
  }));
  return { role: 'user', parts: [...(text === '' ? [] : [{ text }]), ...shown] };
}
