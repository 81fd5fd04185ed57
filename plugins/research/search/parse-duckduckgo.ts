import { parseDocument } from '../page/dom.ts';
import { tameHtml } from '../page/tame-html.ts';
import type { SearchResult } from './search-result.ts';

/** The results on DuckDuckGo's page, without its advertisements. */
export function parseDuckDuckGo(html: string): readonly SearchResult[] {
  const document = parseDocument(tameHtml(html).html);
  return Array.from(document.querySelectorAll('.result')).flatMap((result) => {
    const link = result.querySelector('a.result__a');
    const url = targetOf(link?.getAttribute('href') ?? '');
    if (link === null || url === null || /\bresult--ad\b/.test(result.getAttribute('class') ?? '')) return [];
    return [
      { title: line(link.textContent), url, snippet: line(result.querySelector('.result__snippet')?.textContent) },
    ];
  });
}

/** Links lead over DuckDuckGo, with the target as a parameter. */
function targetOf(href: string): string | null {
  const url = URL.parse(href, 'https://html.duckduckgo.com/');
  if (url === null) return null;
  const isOver = url.hostname.endsWith('duckduckgo.com');
  const target = isOver ? url.searchParams.get('uddg') : url.href;
  return target !== null && /^https?:/.test(target) ? target : null;
}

function line(text: string | null | undefined): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').trim();
}
