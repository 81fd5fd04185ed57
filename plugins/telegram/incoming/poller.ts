import type { Me, Update } from '../bot-api.ts';
import { Patience, toFields } from './patience.ts';
import type { ReaderParts } from './reader-parts.ts';
import { isWorthRetrying } from './receiver.ts';

/**
 * Asks for the bot's updates, in order. An update is confirmed to Telegram only after the host has committed what it says,
 * so that a death at any moment loses nothing; what comes twice by that has the same key.
 */
export class Poller {
  readonly #parts: ReaderParts;
  readonly #patience: Patience;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.#patience = new Patience(parts.ctx, parts.api);
  }

  /** Ends when the signal is aborted, or the token is refused. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, ctx, onReady } = this.#parts;
    try {
      const me = await this.#patience.insist(() => api.me(signal), signal);
      ctx.log.info('telegram.ready', { bot: me.username ?? String(me.id) });
      await onReady(me);
      for (let offset = 0; ; ) {
        const ask = () => api.updates(offset, ctx.config.pollSeconds, signal);
        for (const update of await this.#patience.insist(ask, signal)) {
          await this.#receive(update, me, signal);
          offset = update.update_id + 1;
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#patience.end(error);
    }
  }

  async #receive(update: Update, me: Me, signal: AbortSignal): Promise<void> {
    const { receiver, ctx } = this.#parts;
    try {
      await this.#patience.insist(() => receiver.receive(update, me, signal), signal, isWorthRetrying);
    } catch (error) {
      signal.throwIfAborted();
      ctx.log.error('telegram.update_dropped', { update: update.update_id, ...toFields(error) });
    }
  }
}
