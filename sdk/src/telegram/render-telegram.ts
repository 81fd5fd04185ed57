import { readDocument } from './document.ts';
import { parseTelegramHtml } from './parse-telegram-html.ts';
import { textOf, toHtml } from './run.ts';
import { splitRuns } from './split.ts';

/** Below the 4,096 of Telegram, which are counted after its own reading of the text. In UTF-16 units. */
export const telegramLimit = 4000;

/** One message. `html` is for `parse_mode: 'HTML'`, `plain` for none. */
export interface TelegramPart {
  readonly text: string;
  readonly format: 'html' | 'plain';
}

/** How {@link renderTelegram} cuts. */
export interface TelegramRenderOptions {
  /** Most UTF-16 units of a part's text, as the reader sees it. Default {@link telegramLimit}; at least 16. */
  readonly limit?: number;
}

/**
 * Renders Markdown as Telegram messages: HTML of the tags that Telegram knows, cut between blocks where it is too long,
 * with tags closed and opened again at each cut, and no grapheme cut in two. Tables become aligned `<pre>`. What
 * cannot be rendered goes as plain text, and white space alone gives no part.
 *
 * @throws RangeError when the limit is below 16
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { renderTelegram } from '@clay/sdk/telegram';
 *
 * assert.deepEqual(renderTelegram('**Done**: 3 < 4, see `a.ts`'), [
 *   { text: '<b>Done</b>: 3 &lt; 4, see <code>a.ts</code>', format: 'html' },
 * ]);
 * assert.equal(renderTelegram('word '.repeat(2000)).length, 3);
 * ```
 */
export function renderTelegram(markdown: string, options: TelegramRenderOptions = {}): TelegramPart[] {
  const limit = options.limit ?? telegramLimit;
  if (!(limit >= 16)) throw new RangeError(`The limit of a Telegram part must be at least 16 units, not ${limit}.`);
  const { runs, blockStarts, format } = readDocument(markdown);
  const write = format === 'html' ? toHtml : textOf;
  return splitRuns(runs, blockStarts, limit).map((part) => ({ text: write(part), format }));
}

/**
 * The text that a reader sees of a part: for a channel that refused the HTML of it.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { telegramText } from '@clay/sdk/telegram';
 *
 * assert.equal(telegramText({ text: '<b>3 &lt; 4</b>', format: 'html' }), '3 < 4');
 * ```
 */
export function telegramText(part: TelegramPart): string {
  if (part.format === 'plain') return part.text;
  try {
    return parseTelegramHtml(part.text).text;
  } catch {
    // What is no HTML of ours is shown without what looks like tags.
    return part.text.replaceAll(/<\/?[a-z][^<>]*>/gi, '');
  }
}
