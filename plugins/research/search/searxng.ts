import { ClayError, type Http } from '@clay/sdk';
import { askJson, objectsOf, textOf } from './ask.ts';
import type { SearchProvider } from './search-result.ts';

/** A SearXNG instance of the operator's. */
export function createSearxng(http: Http, baseUrl: string | null): SearchProvider {
  return {
    name: 'searxng',
    isReady: async () => baseUrl !== null,
    async search({ query, signal }) {
      const url = new URL(`${(baseUrl ?? '').replace(/\/+$/, '')}/search`);
      url.search = new URLSearchParams({ q: query, format: 'json' }).toString();
      const answer = await askJson(http, url, { signal }).catch((error) => {
        throw explain(error, url);
      });
      return objectsOf(answer.results).map((result) => ({
        title: textOf(result.title),
        url: textOf(result.url),
        snippet: textOf(result.content),
      }));
    },
  };
}

function explain(error: unknown, url: URL): unknown {
  if (!(error instanceof ClayError)) return error;
  if (error.message.includes('HTTP 403'))
    return new ClayError('UNAVAILABLE', `${error.message} Its settings.yml needs "search: formats: [html, json]".`);
  if (error.code === 'REFUSED') {
    return new ClayError(
      'REFUSED',
      `${error.message} The operator opens a private address to this plugin in clay.json: "privateOrigins": { "research": ["${url.origin}"] }.`,
    );
  }
  return error;
}
