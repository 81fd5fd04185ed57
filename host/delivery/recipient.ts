import { type CallSession, ClayError } from '@clay/sdk';
import type { Store } from '../store/store.ts';
import { jsonField } from './json-field.ts';

/** Where a message goes. */
export interface Recipient {
  readonly channel: string;
  readonly chat: string;
}

const mainSetting = 'delivery.main-chat';

/** The chat of the person that the claw belongs to, for what is said without being asked. */
export function setMainChat(store: Pick<Store, 'settings'>, { channel, chat }: Recipient): void {
  store.settings.set(mainSetting, { channel, chat });
}

/**
 * The chat that is meant: the one named, else the one whose conversation the call serves, else the claw's main chat, else the
 * one where a person was heard last. Throws `NOT_FOUND` when there is none.
 */
export function findRecipient(
  store: Pick<Store, 'conversations' | 'settings'>,
  wanted: { readonly to?: string | undefined; readonly channel?: string | undefined },
  session: CallSession | null,
): Recipient {
  const { to, channel } = wanted;
  if (to !== undefined) return findNamed(store, to, channel);
  const served = session === null ? undefined : store.conversations.get(session.user);
  const candidates = [
    served,
    mainChat(store),
    store.conversations.newest({ channel, isGroup: false }),
    store.conversations.newest({ channel }),
  ];
  const found = candidates.find((one) => one !== undefined && (channel === undefined || one.channel === channel));
  if (found !== undefined) return { channel: found.channel, chat: found.chat };
  const where = channel === undefined ? '' : ` over ${channel}`;
  throw new ClayError(
    'NOT_FOUND',
    `chat.send: nobody has written to this claw${where} yet, so there is no chat to send to.`,
  );
}

function findNamed(
  { conversations }: Pick<Store, 'conversations'>,
  to: string,
  channel: string | undefined,
): Recipient {
  const known = conversations.get(to);
  if (known !== undefined && (channel === undefined || known.channel === channel)) return known;
  const heard = conversations.newest({ channel, chat: to }) ?? conversations.newest({ channel, user: to });
  if (heard !== undefined) return heard;
  if (channel !== undefined) return { channel, chat: to };
  throw new ClayError(
    'NOT_FOUND',
    `chat.send: nobody called ${JSON.stringify(to)} has written to this claw; name the channel too.`,
  );
}

function mainChat({ settings }: Pick<Store, 'settings'>): Recipient | undefined {
  const stored = settings.get(mainSetting);
  const [channel, chat] = [jsonField(stored, 'channel'), jsonField(stored, 'chat')];
  return typeof channel === 'string' && typeof chat === 'string' ? { channel, chat } : undefined;
}
