/**
 * Outbound HTTP through the host's address guard: private, loopback and metadata addresses are refused.
 *
 * @example
 * ```ts
 * import { ClayError, definePlugin } from '@clay/sdk';
 *
 * export default definePlugin({
 *   name: 'issues',
 *   permissions: ['http:api.github.com', 'secret:GITHUB_TOKEN@api.github.com'],
 *   setup(ctx) {
 *     ctx.tool({
 *       name: 'issues',
 *       description: 'Lists open issues.',
 *       run: async () => {
 *         const authorization = `Bearer ${ctx.secrets.handle('GITHUB_TOKEN')}`;
 *         const response = await ctx.http.fetch('https://api.github.com/issues', { headers: { authorization } });
 *         if (response.status !== 200) throw new ClayError('UNAVAILABLE', `GitHub said ${response.status}`, { output: response.text() });
 *         return response.json();
 *       },
 *     });
 *   },
 * });
 * ```
 */
export interface Http {
  fetch(url: string, options?: HttpOptions): Promise<HttpResponse>;
}

/** How {@link Http.fetch} asks. */
export interface HttpOptions {
  /** Default `GET`. */
  readonly method?: string;
  /** A value may hold {@link Secrets} placeholders; only the host fills them in, and only for hosts declared with them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default 15,000. */
  readonly timeoutMs?: number;
  /** Larger bodies are an error, `TOO_LARGE`, that keeps the beginning. Default 2 MiB. */
  readonly maxBytes?: number;
  /** What came of a body before it grew too large, too late or broke off is an answer; {@link HttpResponse.incomplete} says why. Default false: an error. */
  readonly keepIncomplete?: boolean;
  /** Redirects followed, each checked anew. Default 5. */
  readonly maxRedirects?: number;
  readonly signal?: AbortSignal;
}

/** An answer, read to its end. A status of 400 or more is an answer too. */
export interface HttpResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Why `body` is only a beginning; only with {@link HttpOptions.keepIncomplete}. */
  readonly incomplete?: IncompleteBody;
  text(): string;
  json(): unknown;
}

/** Why a body came only in part: larger than `maxBytes`, later than `timeoutMs`, or the server broke off. */
export type IncompleteBody = 'too-large' | 'timeout' | 'broken-off';
