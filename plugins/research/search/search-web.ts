import { ClayError } from '@clay/sdk';
import type { SearchProvider, SearchRequest, SearchResult } from './search-result.ts';

/** What became of a search. */
export interface Found {
  /** Who answered; several when their results are put together. */
  readonly providers: readonly string[];
  readonly results: readonly SearchResult[];
  readonly failures: readonly SearchFailure[];
}

export interface SearchFailure {
  readonly provider: string;
  readonly error: string;
}

/**
 * Asks group after group until one has results; the providers of a group are asked side by side, and their results are put
 * together in turns. Throws `UNAVAILABLE` when nobody answered at all.
 */
export async function searchWeb(
  groups: readonly (readonly SearchProvider[])[],
  request: SearchRequest,
): Promise<Found> {
  const failures: SearchFailure[] = [];
  const asked: string[] = [];
  for (const group of groups) {
    const answers = await Promise.all(group.map((provider) => tryProvider(provider, request)));
    request.signal.throwIfAborted();
    failures.push(...answers.flatMap(({ failure }) => failure ?? []));
    const found = answers.filter(({ results }) => results !== null);
    asked.push(...found.map(({ name }) => name));
    const results = merge(
      found.map(({ results }) => results ?? []),
      request.limit,
    );
    if (results.length > 0) {
      const providers = found.filter(({ results }) => (results?.length ?? 0) > 0).map(({ name }) => name);
      return { providers, results, failures };
    }
  }
  if (asked.length > 0) return { providers: asked, results: [], failures };
  const reasons = failures.map(({ provider, error }) => `${provider}: ${error}`).join('\n');
  throw new ClayError(
    'UNAVAILABLE',
    'No search engine answered. For a reliable one the operator sets BRAVE_API_KEY, or "searxngUrl" of the research plugin in clay.json.',
    { output: reasons, data: failures.map((failure) => ({ ...failure })) },
  );
}

interface Answer {
  readonly name: string;
  /** Null when it failed, or is not set up. */
  readonly results: readonly SearchResult[] | null;
  readonly failure?: SearchFailure;
}

async function tryProvider(provider: SearchProvider, request: SearchRequest): Promise<Answer> {
  const { name } = provider;
  try {
    if (!(await provider.isReady())) return { name, results: null };
    const results = (await provider.search(request)).filter(({ url }) => /^https?:\/\//.test(url));
    return { name, results };
  } catch (error) {
    return {
      name,
      results: null,
      failure: { provider: name, error: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** The first of each, the second of each, and so on; every address once. */
function merge(lists: readonly (readonly SearchResult[])[], limit: number): SearchResult[] {
  const merged = new Map<string, SearchResult>();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let place = 0; place < longest; place++) {
    for (const list of lists) {
      const result = list[place];
      if (result !== undefined && !merged.has(result.url)) merged.set(result.url, result);
    }
  }
  return [...merged.values()].slice(0, limit);
}
