import { type Context, type Pairing, toFailure } from '@clay/sdk';
import type { MatterbridgeConfig } from './config.ts';
import type { Stranger } from './incoming/read-message.ts';
import type { Sender } from './outgoing/sender.ts';

/** Of the code that the operator reads in the log when nobody may talk to the claw. */
const firstCodeMs = 24 * 3_600_000;

/** What somebody hears who may not talk to the claw. */
export const strangerLine =
  'Hello! I am a personal assistant, and I only talk to people whom my owner has named. If that should be you: ask for a pairing code, and send it here.';
export const pairedLine = 'We are paired: from now on you can talk to me here. /help tells what you can type.';

export interface StrangersParts {
  readonly ctx: Context<MatterbridgeConfig>;
  readonly pairing: Pairing;
  readonly sender: Sender;
}

/** Meets whoever may not talk to the claw: with a code they are let in, without one they hear one line a day. */
export class Strangers {
  readonly #parts: StrangersParts;

  constructor(parts: StrangersParts) {
    this.#parts = parts;
  }

  async meet({ chat, user, name, text }: Stranger, signal: AbortSignal): Promise<void> {
    const { ctx, pairing, sender } = this.#parts;
    try {
      if (await pairing.redeem(user, text)) {
        ctx.log.info('matterbridge.paired', { chat, user, name });
        await sender.send(chat, { text: pairedLine, format: 'plain' }, `paired:${user}`, signal);
      } else if (await pairing.mayGreet(user)) {
        ctx.log.info('matterbridge.stranger', { chat, user, name });
        await sender.send(chat, { text: strangerLine, format: 'plain' }, `stranger:${user}:${ctx.clock.now()}`, signal);
      }
    } catch (error) {
      ctx.log.warn('matterbridge.greeting_failed', { user, reason: toFailure(error).error });
    }
  }

  /** Where nobody was named, the first to show the code from the log is let in. */
  async offerPairing(): Promise<void> {
    const { ctx, pairing } = this.#parts;
    const { users, telegram } = ctx.config;
    const isServed = telegram?.connector === 'matterbridge' && telegram.token !== null;
    const named = isServed && (telegram.allowedUsers.length > 0 || Number(telegram.chatId) > 0);
    if (named || users.length > 0 || (await pairing.paired()).length > 0) return;
    const code = pairing.issue(firstCodeMs);
    ctx.log.warn('matterbridge.pairing', {
      code,
      message: `Nobody may talk to the claw by Matterbridge yet. Send it this code within a day, in a chat that it is in, or name people in TELEGRAM_ALLOWED_USERS or plugins.matterbridge.users: ${code}`,
    });
  }
}
