import { type FSWatcher, watch } from 'node:fs';
import type { RequestListener } from 'node:http';
import type { FakeBotApi } from '../../../plugins/telegram/testing/fake-bot-api.ts';

/**
 * Where a turn can be when something dies, as it is seen from outside the claw; `boot` and `wait` are moments without a
 * sign, some time after a start and after a message.
 */
export const steps = [
  'news are asked for',
  'news are handed out',
  'the model is asked',
  'the model speaks',
  'the model has asked for the tool',
  'the tool begins',
  'the tool has worked',
  'the model is asked again',
  'the model answers',
  'the model has answered',
  'a message arrives',
  'a message stands there',
  'a message is confirmed',
  'an edit arrives',
  'an edit stands there',
  'an edit is confirmed',
  'the store is written',
  'the journal is written',
  'boot',
  'wait',
] as const;

export type Step = (typeof steps)[number];

/** Tells what a claw does, at once: whoever listens is called before the claw gets its answer. */
export class Steps {
  readonly #listeners = new Set<(step: Step) => void>();
  readonly #watchers: FSWatcher[] = [];
  /** How often each was seen. */
  readonly seen = new Map<Step, number>();

  reach(step: Step): void {
    this.seen.set(step, (this.seen.get(step) ?? 0) + 1);
    for (const listener of [...this.#listeners]) listener(step);
  }

  /** Gives the removal. */
  listen(listener: (step: Step) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A server in front of the fake that tells of what passes. */
  before(fake: FakeBotApi): RequestListener {
    return (request, response) => {
      const method = /\/(\w+)(?:\?|$)/.exec(request.url ?? '')?.[1] ?? '';
      const kind = method === 'sendMessage' ? 'message' : method === 'editMessageText' ? 'edit' : null;
      if (kind !== null) this.reach(`${kind === 'edit' ? 'an edit' : 'a message'} arrives`);
      if (method === 'getUpdates') this.reach('news are asked for');
      const writeHead = response.writeHead.bind(response);
      // The fake answers when it has done what was asked.
      response.writeHead = ((...args: Parameters<typeof writeHead>) => {
        if (kind !== null) this.reach(`${kind === 'edit' ? 'an edit' : 'a message'} stands there`);
        if (method === 'getUpdates' && fake.updates.waiting.length > 0) this.reach('news are handed out');
        return writeHead(...args);
      }) as typeof response.writeHead;
      if (kind !== null)
        response.once('finish', () => this.reach(`${kind === 'edit' ? 'an edit' : 'a message'} is confirmed`));
      fake.listener(request, response);
    };
  }

  /** Every commit of a claw's databases is a step, once their folder is there. */
  watchData(folder: string): void {
    this.#watchers.push(
      watch(folder, (_, file) => {
        if (file === 'messages.db-wal') this.reach('the store is written');
        if (file === 'journal.db-wal') this.reach('the journal is written');
      }),
    );
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}
