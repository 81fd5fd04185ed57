import type { Clock } from '@clay/sdk';

const rememberedMs = 60_000;
const mostRemembered = 500;
/** Below it a person may well say the same by chance. */
const shortestEcho = 8;

/**
 * Tells our own words when they come back, by another bridge of the same room: never by a name, which a person may have
 * too. A post carries the mark as its user id; where that gets lost the text itself is known again, once for each time
 * that it was sent.
 */
export class OwnMarks {
  readonly mark: string;
  readonly #clock: Clock;
  readonly #sent: { readonly text: string; readonly at: number }[] = [];

  constructor(mark: string, clock: Clock) {
    this.mark = mark;
    this.#clock = clock;
  }

  sent(text: string): void {
    const plain = plainOf(text);
    if (plain.length < shortestEcho) return;
    this.#sent.push({ text: plain, at: this.#clock.now() });
    if (this.#sent.length > mostRemembered) this.#sent.shift();
  }

  isOwn(userid: string, text: string): boolean {
    if (userid === this.mark) return true;
    const plain = plainOf(text);
    const since = this.#clock.now() - rememberedMs;
    // A bridge puts a name before what it brings: "<clay> …".
    const index = this.#sent.findIndex(
      (one) =>
        one.at >= since && (plain === one.text || plain.endsWith(`> ${one.text}`) || plain.endsWith(`: ${one.text}`)),
    );
    if (index < 0) return false;
    this.#sent.splice(index, 1);
    return true;
  }
}

function plainOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
