import { foreignText, type JsonObject } from '@clay/sdk';
import type { Page } from './page/page.ts';
import type { Found } from './search/search-web.ts';

const snippetChars = 400;

/** A page as the model gets it: what is ours beside, what is others' in a fence. */
export function tellPage(page: Page & { readonly isCached: boolean }, start: number, chars: number): JsonObject {
  const end = endOfPart(page.text, start, chars);
  const head = start === 0 ? headOf(page) : '';
  const notes = page.isCached ? [...page.notes, 'From the cache: "fresh" fetches it again.'] : page.notes;
  return {
    url: page.url,
    type: page.mediaType,
    fetched_at: new Date(page.fetchedAt).toISOString(),
    characters: page.text.length,
    ...(start > 0 ? { start } : {}),
    ...(end < page.text.length ? { next_start: end } : {}),
    ...(notes.length > 0 ? { notes } : {}),
    text: foreignText({ origin: 'web', source: page.url, text: `${head}${page.text.slice(start, end)}` }),
  };
}

/** What a search found, as the model gets it. */
export function tellFound(query: string, { providers, results, failures }: Found): JsonObject {
  const list = results.map(({ title, url, snippet }, index) =>
    `${index + 1}. ${line(title, 200)}\n   ${line(url, 2000)}\n   ${line(snippet, snippetChars)}`.trimEnd(),
  );
  const text = list.join('\n');
  return {
    query,
    provider: providers.join(' and '),
    count: results.length,
    ...(failures.length > 0 ? { failures: failures.map((failure) => ({ ...failure })) } : {}),
    results: text === '' ? '' : foreignText({ origin: 'web', source: `search by ${providers.join(' and ')}`, text }),
  };
}

function headOf({ title, byline, site, published }: Page): string {
  const about = [byline, site, published].filter(Boolean).join(' · ');
  return [title === null ? '' : `# ${title}\n\n`, about === '' ? '' : `${about}\n\n`].join('');
}

/** Ends a part at a line or a word where one is near, and never within a character. */
function endOfPart(text: string, start: number, chars: number): number {
  const limit = start + chars;
  if (limit >= text.length) return text.length;
  const near = start + Math.floor(chars * 0.9);
  for (const stop of ['\n\n', '\n', ' ']) {
    const at = text.lastIndexOf(stop, limit - stop.length);
    if (at >= near) return at + stop.length;
  }
  const isPair = /[\ud800-\udbff]/.test(text[limit - 1] ?? '');
  return isPair && chars > 1 ? limit - 1 : limit;
}

function line(text: string, chars: number): string {
  const short = text.replaceAll(/\s+/g, ' ').trim();
  return short.length > chars ? `${short.slice(0, chars).toWellFormed()}…` : short;
}
