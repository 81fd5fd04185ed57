/**
 * Markdown (GitHub's, as models write it) as HTML. HTML in the text passes through as it is: what does not come from
 * somebody you trust has to be sanitised afterwards.
 *
 * @throws RangeError for a text that is nested deeper than the stack
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { markdownToHtml } from '@clay/sdk';
 *
 * assert.equal(await markdownToHtml('Tea is *hot*.'), '<p>Tea is <em>hot</em>.</p>\n');
 * ```
 */
export async function markdownToHtml(markdown: string): Promise<string> {
  // Loaded by whoever renders: most plugins never do.
  const { Marked } = await import('marked');
  return new Marked({ gfm: true, async: true }).parse(markdown);
}
