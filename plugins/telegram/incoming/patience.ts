import { ClayError, type Context, type JsonObject, toFailure } from '@clay/sdk';
import { type BotApi, says } from '../bot-api.ts';
import type { TelegramSection } from '../config.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 60_000;
/** Another process with the same token is no matter of seconds. */
const conflictDelayMs = 60_000;

/** Tries again what fails, and tells each trouble once, and once that it is over. */
export class Patience {
  readonly #ctx: Context<TelegramSection>;
  readonly #api: BotApi;
  /** What was told of the trouble that lasts. */
  #told: string | null = null;

  constructor(ctx: Context<TelegramSection>, api: BotApi) {
    this.#ctx = ctx;
    this.#api = api;
  }

  /** Tries until it works, ever more seldom. Throws what is not worth it, and when the signal is aborted. */
  async insist<Value>(
    request: () => Promise<Value>,
    signal: AbortSignal,
    isWorth: (error: unknown) => boolean = isNoRefusal,
  ): Promise<Value> {
    for (let tries = 0; ; tries++) {
      try {
        const value = await request();
        this.relax();
        return value;
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorth(error)) throw error;
        this.tell(error);
        await this.#ctx.clock.sleep(await this.#pauseAfter(error, tries), signal);
      }
    }
  }

  /** It works. */
  relax(): void {
    if (this.#told !== null) this.#ctx.log.info('telegram.back', { after: this.#told });
    this.#told = null;
  }

  tell(error: unknown): void {
    const { code } = toFailure(error);
    if (this.#told === code) return;
    this.#told = code;
    const isConflict = code === 'CONFLICT';
    const message = isConflict
      ? 'Another process reads the updates of this bot: a second claw, Matterbridge, or an older deployment with the same token. End it, or give this claw a bot of its own; until then messages may go to the other.'
      : 'Telegram or the claw cannot take messages at the moment; it is tried again.';
    this.#ctx.log.warn(isConflict ? 'telegram.conflict' : 'telegram.trouble', { message, ...toFields(error) });
  }

  /** Tells why nothing is read any more. */
  end(error: unknown): void {
    const isRefused = toFailure(error).code === 'REFUSED';
    const message = isRefused
      ? 'TELEGRAM_BOT is not (or no longer) the token of a bot. Get one from @BotFather and start again.'
      : 'Messages are no longer read, by a fault of this plugin.';
    this.#ctx.log.error(isRefused ? 'telegram.refused' : 'telegram.ended', { message, ...toFields(error) });
  }

  async #pauseAfter(error: unknown, tries: number): Promise<number> {
    const { code, data } = toFailure(error);
    if (code === 'CONFLICT' && says(error, 'webhook')) {
      // Of a claw that was configured otherwise before.
      await this.#api.deleteWebhook();
      return 0;
    }
    if (code === 'CONFLICT') return conflictDelayMs;
    const asked = typeof data === 'object' && data !== null && 'retryAfterMs' in data ? Number(data.retryAfterMs) : 0;
    return Math.max(asked, Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(tries, 10)));
  }
}

const isNoRefusal = (error: unknown) => !(error instanceof ClayError && error.code === 'REFUSED');

export function toFields(error: unknown): JsonObject {
  const { error: text, code } = toFailure(error);
  return { error: text, code };
}
