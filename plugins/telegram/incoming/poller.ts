import { ClayError, type Context, type JsonObject, toFailure } from '@clay/sdk';
import { type BotApi, type Me, says, type Update } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';
import { isWorthRetrying, type Receiver } from './receiver.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** Another process with the same token is no matter of seconds. */
const conflictDelayMs = 60_000;

export interface PollerParts {
  readonly ctx: Context<TelegramSection>;
  readonly api: BotApi;
  readonly receiver: Receiver;
  /** Called once, when the bot is known to be there. */
  readonly onReady: (me: Me) => Promise<void>;
}

/**
 * Reads the bot's updates, in order. An update is confirmed to Telegram only after the host has committed what it says, so
 * that a death at any moment loses nothing; what comes twice by that has the same key.
 */
export class Poller {
  readonly #parts: PollerParts;
  /** What was told of the trouble that lasts: each trouble is told once. */
  #told: string | null = null;

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  /** Ends when the signal is aborted, or the token is refused. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, ctx, onReady } = this.#parts;
    try {
      const me = await this.#insist(() => api.me(signal), signal);
      ctx.log.info('telegram.ready', { bot: me.username ?? String(me.id) });
      await onReady(me);
      for (let offset = 0; ; ) {
        const updates = await this.#insist(() => api.updates(offset, ctx.config.pollSeconds, signal), signal);
        for (const update of updates) {
          await this.#receive(update, me, signal);
          offset = update.update_id + 1;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      const isRefused = toFailure(error).code === 'REFUSED';
      const message = isRefused
        ? 'TELEGRAM_BOT is not (or no longer) the token of a bot. Get one from @BotFather and start again.'
        : 'Messages are no longer read, by a fault of this plugin.';
      ctx.log.error(isRefused ? 'telegram.refused' : 'telegram.ended', { message, ...toFields(error) });
    }
  }

  async #receive(update: Update, me: Me, signal: AbortSignal): Promise<void> {
    const { receiver, ctx } = this.#parts;
    try {
      await this.#insist(() => receiver.receive(update, me, signal), signal, isWorthRetrying);
    } catch (error) {
      signal.throwIfAborted();
      ctx.log.error('telegram.update_dropped', { update: update.update_id, ...toFields(error) });
    }
  }

  /** Tries until it works, ever more seldom. */
  async #insist<Value>(
    request: () => Promise<Value>,
    signal: AbortSignal,
    isWorth: (error: unknown) => boolean = isNoFault,
  ): Promise<Value> {
    for (let tries = 0; ; tries++) {
      try {
        const value = await request();
        if (this.#told !== null) this.#parts.ctx.log.info('telegram.back', { after: this.#told });
        this.#told = null;
        return value;
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorth(error)) throw error;
        await this.#parts.ctx.clock.sleep(await this.#meet(error, tries), signal);
      }
    }
  }

  /** Tells a trouble the first time; gives how long to wait. */
  async #meet(error: unknown, tries: number): Promise<number> {
    const { ctx, api } = this.#parts;
    const { code, data } = toFailure(error);
    const isConflict = code === 'CONFLICT';
    if (this.#told !== code) {
      this.#told = code;
      const message = isConflict
        ? 'Another process reads the updates of this bot: a second claw, Matterbridge, or an older deployment with the same token. End it, or give this claw a bot of its own; until then messages may go to the other.'
        : 'Telegram or the claw cannot take messages at the moment; it is tried again.';
      ctx.log.warn(isConflict ? 'telegram.conflict' : 'telegram.trouble', { message, ...toFields(error) });
    }
    if (isConflict && says(error, 'webhook')) {
      await api.deleteWebhook();
      return 0;
    }
    if (isConflict) return conflictDelayMs;
    const asked = typeof data === 'object' && data !== null && 'retryAfterMs' in data ? Number(data.retryAfterMs) : 0;
    return Math.max(asked, Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(tries, 10)));
  }
}

const isNoFault = (error: unknown) => !(error instanceof ClayError && error.code === 'REFUSED');

function toFields(error: unknown): JsonObject {
  const { error: text, code } = toFailure(error);
  return { error: text, code };
}
