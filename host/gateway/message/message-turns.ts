import { ClayError, type JsonObject } from '@clay/sdk';
import type { SessionKey } from '../../agent/agent-host.ts';
import type { Turn } from '../../agent/turns/turn.ts';
import { explainOutcome } from '../../delivery/friendly-error.ts';
import type { InboxMessage } from '../../store/delivery/inbox-store.ts';
import type { GatewayParts } from '../parts.ts';
import { toMessageEvents } from './message-event.ts';
import type { Sender } from './message-request.ts';

/** Of the inbox's rows whose callers wait for the answers themselves. */
const channel = 'http';
const longestKey = 200;

export interface WrittenMessage {
  readonly text: string;
  readonly sender: Sender;
  readonly session: SessionKey;
  /** The client's `Idempotency-Key`; null: it sent none. */
  readonly key: string | null;
}

/** A turn to wait for, or the answer that the same key was given before. */
export type Answering = { readonly turn: Turn } | { readonly reply: JsonObject };

interface OpenMessage {
  readonly session: string;
  readonly text: string;
  readonly turn: Turn;
}

/**
 * Turns of messages over HTTP, each begun once: a repeated key finds its turn or what it gave, also after a restart, and the
 * same text in the same conversation joins the turn that is open for it.
 */
export class MessageTurns {
  readonly #parts: Pick<GatewayParts, 'agentHost' | 'store' | 'log'>;
  readonly #open = new Set<OpenMessage>();

  constructor(parts: Pick<GatewayParts, 'agentHost' | 'store' | 'log'>) {
    this.#parts = parts;
  }

  /** Throws `CONFLICT` when the key stands for another text, `UNAVAILABLE` when its turn is about to be resumed. */
  answer(message: WrittenMessage): Answering {
    if (message.key === null) return { turn: this.#join(message) ?? this.#start(message) };
    checkKey(message.key);
    const { store } = this.#parts;
    const key = JSON.stringify([message.sender.protocol, message.sender.user, message.key]);
    const known = store.inbox.find(channel, key);
    if (known !== undefined && known.text !== message.text)
      throw new ClayError(
        'CONFLICT',
        `The Idempotency-Key ${JSON.stringify(message.key)} was used for another message.`,
      );
    if (known !== undefined && known.endedAt !== null) return { reply: (known.result ?? { text: '' }) as JsonObject };
    if (known?.state === 'open') return { turn: this.#find(known) };
    const { user, id } = message.session;
    const added = {
      channel,
      key,
      conversation: null,
      user,
      session: id,
      text: message.text,
      images: [],
      command: null,
    };
    const row = known ?? store.transaction(() => store.inbox.add(added), { full: true });
    const turn = this.#join(message) ?? this.#start(message);
    // In the tick of its start: nothing of the turn is stored before the key names it.
    store.inbox.begin(row.seq, turn.id);
    this.#keepEnd(row, turn);
    return { turn };
  }

  #find({ turn: id }: InboxMessage): Turn {
    const turn = id === null ? undefined : this.#parts.agentHost.turns.get(id);
    if (turn !== undefined) return turn;
    throw new ClayError(
      'UNAVAILABLE',
      'The host was restarted while it worked on this message. Ask again in a moment.',
    );
  }

  #join({ session, text }: WrittenMessage): Turn | undefined {
    const name = nameOf(session);
    for (const open of this.#open) if (open.session === name && open.text === text) return open.turn;
    return undefined;
  }

  #start({ session, sender, text }: WrittenMessage): Turn {
    const turn = this.#parts.agentHost.turns.start({
      app: session.app,
      user: session.user,
      session: session.id,
      message: { role: 'user', parts: [{ text }] },
      streaming: false,
      caller: sender.protocol === 'http' ? 'http' : `channel:${sender.protocol}`,
    });
    const open = { session: nameOf(session), text, turn };
    this.#open.add(open);
    void turn.done.then(() => this.#open.delete(open));
    return turn;
  }

  #keepEnd({ seq }: InboxMessage, turn: Turn): void {
    const { store, log } = this.#parts;
    void turn.done
      .then(async (outcome) => {
        if (!outcome.isParked) store.inbox.end(seq, outcome.status, await replyOf(turn));
      })
      .catch((error) => {
        // The next host finds the row open and its turn ended.
        log.error('message.end_unsaved', {
          message: seq,
          error: error instanceof Error ? error.message : String(error),
        });
      });
  }
}

/** The body that `POST /msg` answers with. */
export async function replyOf(turn: Turn): Promise<JsonObject> {
  const outcome = await turn.done;
  const events = outcome.events.flatMap(toMessageEvents);
  const told = events.length === 0 ? {} : { events: events as unknown as JsonObject[] };
  const failure = explainOutcome(outcome);
  if (failure === null) return { text: outcome.text, ...told };
  return { text: failure.text, ...told, error: failure.code };
}

function nameOf({ app, user, id }: SessionKey): string {
  return JSON.stringify([app, user, id]);
}

function checkKey(key: string): void {
  if (key.trim() === '' || key.length > longestKey)
    throw new ClayError('BAD_ARGUMENTS', `An Idempotency-Key has 1 to ${longestKey} characters, not ${key.length}.`);
}
