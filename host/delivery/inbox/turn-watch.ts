import type { LoopNote } from '../../agent/agents/loop/loop-note.ts';
import { eventText } from '../../agent/contents/calls.ts';
import type { EventJson } from '../../agent/event-json.ts';
import type { Turn } from '../../agent/turns/turn.ts';
import type { Conversation } from '../../store/delivery/conversation-store.ts';
import type { DeliveryParts } from '../delivery-parts.ts';
import { noticeLifeMs, type Outbox } from '../outbox/outbox.ts';
import { Activity } from './activity.ts';
import { Silence } from './silence.ts';

const maxLoopLength = 200;

/** Shows a person what their turn is doing: to the channel all the time, in words when it takes long. */
export class TurnWatch {
  readonly #parts: DeliveryParts;
  readonly #outbox: Outbox;
  readonly #turn: Turn;
  readonly #conversation: Conversation;
  readonly #activity: Activity;
  readonly #silence: Silence;
  /** Tool calls under way, by id. */
  readonly #tools = new Map<string, string>();
  #text = '';
  /** Where a loop stands, in its own words. */
  #loop = '';

  constructor(parts: DeliveryParts, outbox: Outbox, turn: Turn, conversation: Conversation) {
    const { channel, chat } = conversation;
    this.#parts = parts;
    this.#outbox = outbox;
    this.#turn = turn;
    this.#conversation = conversation;
    this.#activity = new Activity(parts, channel, chat);
    this.#silence = new Silence(parts.clock, (count) => this.#speak(count));
  }

  /** Watches to the end of the turn. */
  async run(): Promise<void> {
    this.#activity.tell('thinking');
    for await (const { event } of this.#turn.events()) this.#see(event);
    await this.#turn.done;
    this.#silence.end();
    this.#activity.tell('idle');
  }

  #see(event: EventJson): void {
    if (event.author === 'user') this.#text = '';
    for (const { functionCall, functionResponse, text, thought } of event.content?.parts ?? []) {
      if (functionCall) this.#tools.set(functionCall.id ?? '', functionCall.name ?? 'a tool');
      if (functionResponse) this.#tools.delete(functionResponse.id ?? '');
      const isAnswer = event.partial === true && event.isolationScope === undefined && thought !== true;
      if (isAnswer && text) {
        this.#text += text;
        this.#activity.tell('thinking', this.#text);
      }
    }
    if (event.partial === true) return;
    // The text of a step belongs to that step.
    this.#text = '';
    const loop = event.customMetadata?.loop as LoopNote | undefined;
    if (loop !== undefined)
      this.#loop = loop.kind === 'ended' ? '' : eventText(event).slice(0, maxLoopLength).toWellFormed();
    const names = this.#doing();
    if (names === '') this.#activity.tell('thinking');
    else this.#activity.tell('tool', names);
  }

  #doing(): string {
    return this.#loop || [...new Set(this.#tools.values())].join(', ');
  }

  #speak(count: number): void {
    const { clock, store } = this.#parts;
    const { channel, chat } = this.#conversation;
    // It is the person who is waited for.
    if (store.questions.openIn(channel, chat).length > 0) return;
    const what = this.#doing() || 'thinking';
    this.#outbox.add({
      key: `${workingPrefix(this.#turn.id)}${count}`,
      channel,
      chat,
      kind: 'notice',
      text: `Working on it: ${what} …${count > 1 ? ' (/stop ends it)' : ''}`,
      expiresAt: clock.now() + noticeLifeMs,
    });
    this.#outbox.wake(channel, chat);
  }
}

/** Of the keys of the notices about a turn. */
export function workingPrefix(turnId: string): string {
  return `working:${turnId}:`;
}
