import { FakeRefusal } from './fake-refusal.ts';
import type { FakeUpdates } from './fake-updates.ts';

/** Carries an update to an address that the bot has named; gives the status. */
export type WebhookClient = (url: string, headers: Readonly<Record<string, string>>, body: string) => Promise<number>;

interface SetWebhook {
  readonly url: string;
  readonly secret: string | null;
  readonly allowed: readonly string[] | null;
}

/** Brings updates to the bot, one after the other; one that is not taken is brought again at the next {@link push}. */
export class FakeWebhook {
  readonly #updates: FakeUpdates;
  readonly #client: WebhookClient;
  #set: SetWebhook | null = null;
  #failure: { readonly at: number; readonly message: string } | null = null;
  #pushing: Promise<void> | null = null;

  constructor(updates: FakeUpdates, client: WebhookClient) {
    this.#updates = updates;
    this.#client = client;
  }

  get isSet(): boolean {
    return this.#set !== null;
  }

  set(values: Readonly<Record<string, unknown>>, allowed: readonly string[] | null): true {
    const url = String(values.url ?? '');
    if (url === '') return this.delete();
    if (!url.startsWith('https://'))
      throw new FakeRefusal(400, 'Bad Request: bad webhook: An HTTPS URL must be provided for webhook');
    const secret = values.secret_token === undefined ? null : String(values.secret_token);
    if (secret !== null && !/^[\w-]{1,256}$/.test(secret))
      throw new FakeRefusal(400, 'Bad Request: secret token contains unallowed characters');
    this.#set = { url, secret, allowed };
    void this.push();
    return true;
  }

  delete(): true {
    this.#set = null;
    this.#failure = null;
    return true;
  }

  get info() {
    const failed = this.#failure && { last_error_date: this.#failure.at, last_error_message: this.#failure.message };
    const waiting = this.#updates.waiting.length;
    return { url: this.#set?.url ?? '', has_custom_certificate: false, pending_update_count: waiting, ...failed };
  }

  /** Brings what waits, as far as it is taken. */
  push(): Promise<void> {
    this.#pushing ??= this.#pushAll().finally(() => {
      this.#pushing = null;
    });
    return this.#pushing;
  }

  async #pushAll(): Promise<void> {
    for (;;) {
      const set = this.#set;
      const update = set && this.#updates.first(set.allowed);
      if (!set || !update) return;
      const headers = {
        'content-type': 'application/json',
        ...(set.secret === null ? {} : { 'x-telegram-bot-api-secret-token': set.secret }),
      };
      const status = await this.#client(set.url, headers, JSON.stringify(update)).catch(() => 0);
      if (status < 200 || status >= 300) {
        const message = status === 0 ? 'Connection refused' : `Wrong response from the webhook: ${status}`;
        this.#failure = { at: (this.#failure?.at ?? 0) + 1, message };
        return;
      }
      this.#updates.confirm(update.update_id);
    }
  }
}
