import type { Http } from '@clay/sdk';
import { askJson, objectsOf, textOf } from './ask.ts';
import { plainText } from './plain-text.ts';
import type { SearchProvider } from './search-result.ts';

const most = 50;

/** The search of Wikipedia, which needs no key. */
export function createWikipedia(http: Http, language: string): SearchProvider {
  return {
    name: 'wikipedia',
    isReady: async () => true,
    async search({ query, limit, signal }) {
      const origin = `https://${language}.wikipedia.org`;
      const url = new URL(`${origin}/w/rest.php/v1/search/page`);
      url.search = new URLSearchParams({ q: query.slice(0, 300), limit: String(Math.min(limit, most)) }).toString();
      const answer = await askJson(http, url, { signal });
      return objectsOf(answer.pages).map((page) => ({
        title: textOf(page.title),
        url: `${origin}/wiki/${encodeURIComponent(textOf(page.key))}`,
        snippet: [textOf(page.description), plainText(textOf(page.excerpt))].filter(Boolean).join(': '),
      }));
    },
  };
}
