/** One page that a search found, as the provider tells it: all of it is written by others. */
export interface SearchResult {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
}

export interface SearchRequest {
  readonly query: string;
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** A search engine. */
export interface SearchProvider {
  readonly name: string;
  /** Whether the operator has set what it needs. */
  isReady(): Promise<boolean>;
  /** Throws `ClayError` when it does not answer, or not with results. */
  search(request: SearchRequest): Promise<readonly SearchResult[]>;
}
