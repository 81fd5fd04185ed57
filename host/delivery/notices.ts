import { type CallSession, toFailure } from '@clay/sdk';
import type { DeliveryParts } from './delivery-parts.ts';
import { answerLifeMs, type Outbox } from './outbox/outbox.ts';
import { findRecipient, type Recipient } from './recipient.ts';

/** Something that the host itself has to say, without being asked. */
export interface Notice {
  /** Under one key it is said once, by whichever host. */
  readonly key: string;
  readonly text: string;
  /** The person whom it concerns; null: whom the claw belongs to. */
  readonly user: string | null;
  /** Whoever reads the answer of this conversation has read it there. */
  readonly toldIn: CallSession | null;
}

/** Says it in the chat that it concerns. When nobody has a chat with the claw, only the log tells it. */
export function tellNotice(
  { store, clock, log }: DeliveryParts,
  outbox: Outbox,
  { key, text, user, toldIn }: Notice,
): void {
  try {
    const recipient = recipientOf(store, user);
    const read = toldIn === null ? undefined : store.conversations.get(toldIn.user);
    if (read !== undefined && read.channel === recipient.channel && read.chat === recipient.chat) return;
    outbox.add({ key, ...recipient, kind: 'message', text, expiresAt: clock.now() + answerLifeMs });
    outbox.wake(recipient.channel, recipient.chat);
  } catch (thrown) {
    log.warn('notice.untold', { key, text, ...toFailure(thrown) });
  }
}

function recipientOf(store: DeliveryParts['store'], user: string | null): Recipient {
  const own = user === null ? undefined : store.conversations.get(user);
  return own ?? findRecipient(store, {}, null);
}
