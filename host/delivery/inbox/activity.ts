import { toFailure } from '@clay/sdk';
import type { DeliveryParts } from '../delivery-parts.ts';

/** What the claw does for a chat right now. Of `thinking` the text is the answer so far, of `tool` what is being done. */
export type ActivityState = 'thinking' | 'tool' | 'idle';

/** Live texts come letter by letter; chat services want to be told seldom. */
const textGapMs = 1_000;

/**
 * Tells a channel what is done for a chat, where it wants to know (`service:<channel>.activity`): one call at a time, the
 * newest state only. Nothing of it is kept, and a failure harms nobody.
 */
export class Activity {
  readonly #parts: Pick<DeliveryParts, 'registry' | 'router' | 'clock' | 'log'>;
  readonly #capability: string;
  readonly #chat: string;
  #next: { readonly state: ActivityState; readonly text?: string } | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;
  #isTelling = false;

  constructor(parts: Pick<DeliveryParts, 'registry' | 'router' | 'clock' | 'log'>, channel: string, chat: string) {
    this.#parts = parts;
    this.#capability = activityCapability(channel);
    this.#chat = chat;
  }

  tell(state: ActivityState, text?: string): void {
    if (this.#parts.registry.get(this.#capability) === undefined) return;
    this.#next = text === undefined ? { state } : { state, text };
    if (!this.#isTelling) void this.#run();
  }

  async #run(): Promise<void> {
    const { router, clock, log } = this.#parts;
    this.#isTelling = true;
    while (this.#next !== null) {
      const waitMs = this.#next.state === 'thinking' ? this.#toldAt + textGapMs - clock.now() : 0;
      if (waitMs > 0) {
        // A change of state may come meanwhile: it is what is told then.
        await clock.sleep(waitMs);
        continue;
      }
      const told = this.#next;
      this.#next = null;
      this.#toldAt = clock.now();
      const args = { chat: this.#chat, ...told };
      try {
        await router.call({ capability: this.#capability, args, caller: 'host' });
      } catch (thrown) {
        log.debug('activity.failed', { capability: this.#capability, ...toFailure(thrown) });
      }
    }
    this.#isTelling = false;
  }
}

export function activityCapability(channel: string): string {
  return `service:${channel}.activity`;
}
