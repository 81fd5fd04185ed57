import type { Context } from '@clay/sdk';
import type { BotApi, Me } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';
import type { Receiver } from './receiver.ts';

/** What reading the bot's updates needs, by either way. */
export interface ReaderParts {
  readonly ctx: Context<TelegramSection>;
  readonly api: BotApi;
  readonly receiver: Receiver;
  /** Called once, when the bot is known to be there. */
  readonly onReady: (me: Me) => Promise<void>;
}
