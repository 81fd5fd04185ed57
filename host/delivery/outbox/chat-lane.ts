import { type Failure, type Json, toFailure } from '@clay/sdk';
import type { OutgoingMessage, StoredPart } from '../../store/delivery/outbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { jsonField } from '../json-field.ts';
import { handOver } from './hand-over.ts';
import { nextSendAt, paceWindow } from './pace.ts';
import { renderMessage } from './render.ts';
import { isOutcomeUnknown, judgeFailure } from './retry.ts';

/** How long a word about dropped messages waits itself. */
const expiryNoticeMs = 7 * 24 * 3_600_000;
/** After a fault of ours, such as a full disk. */
const pauseMs = 5_000;

export interface ChatLaneOptions {
  readonly parts: DeliveryParts;
  readonly channel: string;
  readonly chat: string;
  /** Nothing new is begun. */
  readonly isStopping: () => boolean;
  /** What is under way is given up too. */
  readonly signal: AbortSignal;
}

/** Says what is to be said in one chat: in order, one part at a time, at the pace that the chat service wants. */
export class ChatLane {
  readonly #options: ChatLaneOptions;
  #woken = Promise.withResolvers<void>();

  constructor(options: ChatLaneOptions) {
    this.#options = options;
  }

  /** Something has changed: look again. */
  wake(): void {
    this.#woken.resolve();
  }

  /** Ends when nothing is left to say, or the host stops. */
  async run(): Promise<void> {
    const { parts, channel, chat, isStopping } = this.#options;
    while (!isStopping()) {
      this.#woken = Promise.withResolvers();
      try {
        const message = parts.store.outbox.next(channel, chat);
        if (message === undefined) return;
        const waitMs = await this.#step(message);
        if (waitMs > 0) await this.#wait(waitMs);
      } catch (thrown) {
        if (isStopping()) return;
        parts.log.error('outbox.stuck', { channel, chat, ...toFailure(thrown) });
        await this.#wait(pauseMs);
      }
    }
  }

  /** Does the next thing for a message; gives how long to wait before the one after. */
  async #step(message: OutgoingMessage): Promise<number> {
    const { parts, channel, signal } = this.#options;
    const { store, registry, clock } = parts;
    const leftMs = message.expiresAt - clock.now();
    if (leftMs <= 0 || this.#isOver(message)) {
      this.#expire(message);
      return 0;
    }
    if (registry.get(`channel:${channel}`) === undefined) return leftMs;
    if (message.state === 'waiting') {
      store.outbox.render(message.seq, await renderMessage(parts, message, signal));
      return 0;
    }
    const part = store.outbox.nextPart(message.seq);
    if (part === undefined) {
      const isWhole = store.outbox.parts(message.seq).every(({ state }) => state === 'sent');
      store.outbox.end(message.seq, isWhole ? 'sent' : 'failed');
      return 0;
    }
    // One that is open was handed over by a host that died: its call is looked up before anything else is said.
    const dueMs = part.state === 'open' ? 0 : Math.max(part.dueAt, this.#paceAt()) - clock.now();
    if (dueMs > 0) return Math.min(dueMs, leftMs);
    await this.#send(message, part);
    return 0;
  }

  /** A question that has ended is not asked. */
  #isOver({ question }: OutgoingMessage): boolean {
    return question !== null && this.#options.parts.store.questions.get(question)?.state !== 'open';
  }

  #paceAt(): number {
    const { parts, channel, chat } = this.#options;
    const { outbox, conversations } = parts.store;
    const tries = outbox.tries(channel, chat, parts.clock.now() - paceWindow.ms, paceWindow.tries);
    return nextSendAt(tries, conversations.newest({ channel, chat })?.isGroup ?? false);
  }

  async #send(message: OutgoingMessage, part: StoredPart): Promise<void> {
    const { parts, signal } = this.#options;
    const { store, router } = parts;
    const isFoundOpen = part.state === 'open';
    const attempts = isFoundOpen ? part.attempts : part.attempts + 1;
    if (!isFoundOpen) store.outbox.open(part, attempts, part.isDoubtful);
    const key = `${message.key}/${part.number}`;
    try {
      // Each try has a key of its own in the journal: a try that a dead host made gives what it gave, and is not made again.
      const receipt = await router.call({
        ...handOver(parts, message, part, key),
        caller: 'host',
        key: `${key}/${attempts}`,
        signal,
      });
      store.outbox.sent(part, receiptOf(receipt));
    } catch (thrown) {
      // It stays open, for the next host to look it up.
      if (signal.aborted) return;
      this.#failed(message, part, attempts, isFoundOpen, toFailure(thrown));
    }
  }

  #failed(message: OutgoingMessage, part: StoredPart, attempts: number, isFoundOpen: boolean, failure: Failure): void {
    const { parts, channel, chat } = this.#options;
    const { store, clock, log } = parts;
    const fields = { channel, chat, message: message.key, part: part.number, attempts, ...failure };
    const verdict = judgeFailure(failure, attempts, parts.random);
    switch (verdict.kind) {
      case 'give-up-part':
        log.error('outbox.part_refused', fields);
        store.outbox.giveUp(part, failure);
        return;
      case 'give-up-message':
        log.error('outbox.message_refused', fields);
        store.outbox.giveUp(part, failure);
        store.outbox.end(message.seq, 'failed');
        return;
      case 'retry': {
        if (verdict.isDoubtful) log.warn('outbox.possible_duplicate', fields);
        else log.warn('outbox.send_failed', fields);
        const waitMs = isFoundOpen && isOutcomeUnknown(failure.code) ? 0 : verdict.delayMs;
        store.outbox.delay(part, clock.now() + waitMs, part.isDoubtful || verdict.isDoubtful, failure);
      }
    }
  }

  #expire({ seq, key, kind, createdAt }: OutgoingMessage): void {
    const { parts, channel, chat } = this.#options;
    const { store, clock, log } = parts;
    const isMissed = kind === 'answer' || kind === 'message';
    if (isMissed) log.error('outbox.expired', { channel, chat, message: key, createdAt });
    store.transaction(() => {
      store.outbox.end(seq, 'expired');
      if (!isMissed) return;
      // One word about all that was dropped.
      store.outbox.withdraw(channel, chat, 'expired:');
      store.outbox.add({
        key: `expired:${key}`,
        channel,
        chat,
        kind: 'notice',
        text: 'Something that I had to tell you could not be delivered in time, and I have dropped it. If it still matters, please ask me again.',
        expiresAt: clock.now() + expiryNoticeMs,
      });
    });
  }

  async #wait(ms: number): Promise<void> {
    const woken = this.#woken;
    const cancel = this.#options.parts.clock.after(ms, () => woken.resolve());
    await woken.promise;
    cancel();
  }
}

/** The far side's own id, where it gives one. */
function receiptOf(value: Json): string | null {
  const id = jsonField(value, 'id');
  return typeof id === 'string' ? id : null;
}
