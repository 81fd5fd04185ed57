import { ClayError, type Clock, type Http } from '@clay/sdk';
import { ask } from './ask.ts';
import type { SearchProvider } from './search-result.ts';

/** After a captcha every further request makes it worse. */
const restMs = 10 * 60_000;

/** DuckDuckGo's page without scripts, which has no key and no promise: it answers a program now and then. */
export function createDuckDuckGo(http: Http, clock: Pick<Clock, 'now'>): SearchProvider {
  let restUntil = 0;
  return {
    name: 'duckduckgo',
    isReady: async () => true,
    async search({ query, signal }) {
      const restsMs = restUntil - clock.now();
      if (restsMs > 0) throw captcha(`it is left alone for ${Math.ceil(restsMs / 60_000)} more min`);
      const url = new URL('https://html.duckduckgo.com/html/');
      url.search = new URLSearchParams({ q: query }).toString();
      const response = await ask(http, url, { headers: { accept: 'text/html' }, signal });
      const html = response.text();
      if (response.status === 202 || /anomaly-modal|anomaly\.js/.test(html)) {
        restUntil = clock.now() + restMs;
        throw captcha(`it is left alone for ${restMs / 60_000} min`);
      }
      const { parseDuckDuckGo } = await import('./parse-duckduckgo.ts');
      return parseDuckDuckGo(html);
    },
  };
}

function captcha(rest: string): ClayError {
  return new ClayError(
    'UNAVAILABLE',
    `DuckDuckGo asked for a captcha, as it does when programs ask it often; ${rest}.`,
  );
}
