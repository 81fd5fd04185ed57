import type { Http, Secrets } from '@clay/sdk';
import { askJson, objectOf, objectsOf, textOf } from './ask.ts';
import type { SearchProvider } from './search-result.ts';

const secret = 'BRAVE_API_KEY';
const most = 20;

/** Brave's search API, for whoever has a key. */
export function createBrave(http: Http, secrets: Secrets): SearchProvider {
  return {
    name: 'brave',
    isReady: () => secrets.has(secret),
    async search({ query, limit, signal }) {
      const url = new URL('https://api.search.brave.com/res/v1/web/search');
      url.search = new URLSearchParams({ q: query, count: String(Math.min(limit, most)) }).toString();
      const headers = { 'x-subscription-token': secrets.handle(secret) };
      const answer = await askJson(http, url, { headers, signal });
      return objectsOf(objectOf(answer.web).results).map((result) => ({
        title: textOf(result.title),
        url: textOf(result.url),
        snippet: textOf(result.description),
      }));
    },
  };
}
