import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { RouteRequest, RouteResponse } from '@clay/sdk';
import type { Me, Update } from '../bot-api.ts';
import { Patience, toFields } from './patience.ts';
import type { ReaderParts } from './reader-parts.ts';
import { isWorthRetrying } from './receiver.ts';

/** Below `/plugins/telegram`. */
export const webhookPath = '/webhook';
/** Telegram sends what `setWebhook` was told, so that nobody else can speak for it. */
const secretHeader = 'x-telegram-bot-api-secret-token';
const secretKey = 'webhook-secret';
/** How often Telegram is asked whether it comes through. */
const lookMs = 60_000;

interface Held {
  readonly me: Me;
  readonly secret: string;
  readonly signal: AbortSignal;
}

export interface WebhookParts extends ReaderParts {
  /** Of the claw, as Telegram reaches it. */
  readonly publicUrl: string;
}

/**
 * Is told the bot's updates by Telegram. An update is answered with 200 only after the host has committed what it says;
 * anything else makes Telegram bring it again. The webhook stays when the claw ends: Telegram keeps a day of messages.
 */
export class Webhook {
  readonly #parts: WebhookParts;
  readonly #patience: Patience;
  /** Null while the lease is not ours. */
  #held: Held | null = null;
  /** One update after the other, in the order of their coming. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#patience = new Patience(parts.ctx, parts.api);
  }

  get url(): string {
    return `${this.#parts.publicUrl.replace(/\/+$/, '')}/plugins/telegram${webhookPath}`;
  }

  /** Ends when the signal is aborted and no update is under way, or when the token is refused. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, ctx, onReady } = this.#parts;
    try {
      const me = await this.#patience.insist(() => api.me(signal), signal);
      await onReady(me);
      const secret = await this.#secret();
      this.#held = { me, secret, signal };
      await this.#patience.insist(() => api.setWebhook(this.url, secret, signal), signal);
      ctx.log.info('telegram.ready', { bot: me.username ?? String(me.id), webhook: this.url });
      await this.#watch(secret, signal);
    } catch (error) {
      if (!signal.aborted) this.#patience.end(error);
    } finally {
      this.#held = null;
      await this.#queue;
    }
  }

  async handle({ headers, body }: RouteRequest): Promise<RouteResponse> {
    const held = this.#held;
    if (held === null) return { status: 503, body: 'Nobody reads the bot at the moment. Try again.' };
    if (!isSame(headers[secretHeader] ?? '', held.secret))
      return { status: 401, body: `The header ${secretHeader} is not what Telegram was told.` };
    const update = parseUpdate(body);
    if (update === null) return { status: 400, body: 'The body is no update of Telegram.' };
    const received = this.#queue.then(() => this.#receive(update, held));
    this.#queue = received;
    return received;
  }

  async #receive(update: Update, { me, signal }: Held): Promise<RouteResponse> {
    const { receiver, ctx } = this.#parts;
    try {
      signal.throwIfAborted();
      await receiver.receive(update, me, signal);
      this.#patience.relax();
    } catch (error) {
      if (signal.aborted || isWorthRetrying(error)) {
        if (!signal.aborted) this.#patience.tell(error);
        return { status: 503, body: 'The message cannot be taken at the moment. Try again.' };
      }
      ctx.log.error('telegram.update_dropped', { update: update.update_id, ...toFields(error) });
    }
    return { status: 200, body: '' };
  }

  /** An address that Telegram cannot reach is told here, and nowhere else; another process may take the bot away. */
  async #watch(secret: string, signal: AbortSignal): Promise<never> {
    const { api, ctx } = this.#parts;
    for (let seen = 0; ; ) {
      await ctx.clock.sleep(lookMs, signal);
      const { url, failedAt, problem, waiting } = await this.#patience.insist(() => api.webhook(signal), signal);
      if (url !== this.url) {
        const message =
          'Another process has taken the bot: a second claw, or Matterbridge, with the same token. This claw takes it back; give one of them a bot of its own.';
        ctx.log.warn('telegram.webhook_taken', { message, url });
        await this.#patience.insist(() => api.setWebhook(this.url, secret, signal), signal);
      } else if (failedAt > seen) {
        const message = `Telegram cannot bring messages to ${this.url}: ${problem}. It tries again; look whether that address reaches this claw from outside.`;
        ctx.log.warn('telegram.webhook_failing', { message, waiting });
        seen = failedAt;
      }
    }
  }

  /** Made once: a request that was on its way over a restart still fits. */
  async #secret(): Promise<string> {
    const { store } = this.#parts.ctx;
    const known = await store.get(secretKey);
    if (typeof known === 'string') return known;
    const made = randomBytes(32).toString('hex');
    await store.set(secretKey, made);
    return made;
  }
}

/** Of texts of any length, in a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function parseUpdate(body: string): Update | null {
  try {
    const update: unknown = JSON.parse(body);
    if (typeof update !== 'object' || update === null || !('update_id' in update)) return null;
    return typeof update.update_id === 'number' ? (update as Update) : null;
  } catch {
    return null;
  }
}
