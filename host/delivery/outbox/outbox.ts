import type { NewOutgoingMessage } from '../../store/delivery/outbox-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { ChatLane } from './chat-lane.ts';

/** How long an answer is worth its delivery. */
export const answerLifeMs = 24 * 3_600_000;
/** A word about the state of things is soon out of date. */
export const noticeLifeMs = 60_000;

/** How long sends under way have to end when the host stops. */
const stopMs = 5_000;

interface RunningLane {
  readonly lane: ChatLane;
  readonly ended: Promise<void>;
}

/** Everything that the claw says in chats: kept before it is sent, chats side by side. */
export class Outbox {
  readonly #parts: DeliveryParts;
  readonly #lanes = new Map<string, RunningLane>();
  readonly #abort = new AbortController();
  #state: 'waiting' | 'running' | 'stopping' = 'waiting';
  #stopListening: () => void = () => undefined;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
  }

  /** Keeps a message; inside a transaction it stands and falls with it. Sends nothing before {@link wake}. */
  add(message: NewOutgoingMessage): boolean {
    return this.#parts.store.outbox.add(message);
  }

  /** Sends what is there for a chat. */
  wake(channel: string, chat: string): void {
    if (this.#state !== 'running') return;
    const name = JSON.stringify([channel, chat]);
    const running = this.#lanes.get(name);
    if (running !== undefined) {
      running.lane.wake();
      return;
    }
    const isStopping = () => this.#state === 'stopping';
    const lane = new ChatLane({ parts: this.#parts, channel, chat, isStopping, signal: this.#abort.signal });
    const ended = lane.run().then(() => {
      this.#lanes.delete(name);
      // What came while the lane was ending has woken nobody.
      if (this.#parts.store.outbox.next(channel, chat) !== undefined) this.wake(channel, chat);
    });
    this.#lanes.set(name, { lane, ended });
  }

  /** Goes on with what an earlier host had to say. */
  start(): void {
    this.#state = 'running';
    for (const { channel, chat } of this.#parts.store.outbox.chats()) this.wake(channel, chat);
    // A channel that comes finds its parts.
    this.#stopListening = this.#parts.registry.onChange(() => {
      for (const { lane } of this.#lanes.values()) lane.wake();
    });
  }

  /** Lets sends under way end; what is left is the next host's. */
  async stop(): Promise<void> {
    this.#state = 'stopping';
    this.#stopListening();
    const ended = Promise.all([...this.#lanes.values()].map((running) => running.ended));
    for (const { lane } of this.#lanes.values()) lane.wake();
    const cancel = this.#parts.clock.after(stopMs, () => this.#abort.abort(new Error('the host is stopping')));
    await ended;
    cancel();
  }
}
