import { ClayError, type Http, type HttpResponse, type JsonObject, type Secrets } from '@clay/sdk';
import type { EmbeddingsConfig } from '../config.ts';

/** Room for 256 vectors of 1,536 numbers, as text. */
const maxBytes = 6_000_000;
/** It is the input that these statuses refuse. */
const inputStatuses: ReadonlySet<number> = new Set([400, 413, 422]);

export interface EmbedOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** An OpenAI-compatible `/v1/embeddings`. */
export class EmbeddingsEndpoint {
  /** Vectors of one space can be compared; those of another model or length cannot. */
  readonly space: string;
  readonly #config: EmbeddingsConfig;
  readonly #http: Http;
  readonly #secrets: Secrets;

  constructor(config: EmbeddingsConfig, { http, secrets }: { readonly http: Http; readonly secrets: Secrets }) {
    const { model, dimensions } = config;
    this.space = dimensions === undefined ? model : `${model}@${dimensions}`;
    this.#config = config;
    this.#http = http;
    this.#secrets = secrets;
  }

  /** A vector of length one for each text. `BAD_ARGUMENTS`: the endpoint takes no such text. */
  async embed(texts: readonly string[], options: EmbedOptions): Promise<readonly Float32Array[]> {
    const { url, model, dimensions } = this.#config;
    const body = JSON.stringify({ model, input: texts, ...(dimensions === undefined ? {} : { dimensions }) });
    const headers = { 'content-type': 'application/json', ...this.#authorization() };
    const response = await this.#http
      .fetch(url, { method: 'POST', headers, body, maxBytes, ...options })
      .catch((error: unknown) => {
        throw this.#explain(error);
      });
    if (response.status !== 200) {
      throw new ClayError(
        inputStatuses.has(response.status) ? 'BAD_ARGUMENTS' : 'UNAVAILABLE',
        `${url} answered HTTP ${response.status}: ${response.text().slice(0, 300)}`,
      );
    }
    return vectorsOf(response, texts.length, url);
  }

  #authorization(): Readonly<Record<string, string>> {
    const { key, url } = this.#config;
    if (key === undefined) return {};
    try {
      return { authorization: `Bearer ${this.#secrets.handle(key)}` };
    } catch (cause) {
      const { hostname } = new URL(url);
      const cure = `"ceilings": { "memory": ["secret:${key}@${hostname}"] }`;
      throw new ClayError('REFUSED', `The operator lets ${key} go to ${hostname} in clay.json: ${cure}.`, { cause });
    }
  }

  #explain(error: unknown): unknown {
    if (!(error instanceof ClayError) || error.code !== 'REFUSED') return error;
    const { origin } = new URL(this.#config.url);
    const cure = `"privateOrigins": { "memory": ["${origin}"] }`;
    return new ClayError('REFUSED', `${error.message} A private address is opened in clay.json: ${cure}.`, {
      cause: error,
    });
  }
}

/** In the order of the texts, which the answer need not keep. */
function vectorsOf(response: HttpResponse, count: number, url: string): readonly Float32Array[] {
  const malformed = (cause?: unknown) =>
    new ClayError('UNAVAILABLE', `${url} answered with what are no ${count} embeddings.`, { cause });
  let data: unknown;
  try {
    data = (response.json() as JsonObject | null)?.data;
  } catch (cause) {
    throw malformed(cause);
  }
  if (!Array.isArray(data) || data.length !== count) throw malformed();
  const vectors: Float32Array[] = [];
  for (const [place, entry] of data.entries()) {
    const { index = place, embedding } = (entry ?? {}) as { readonly index?: unknown; readonly embedding?: unknown };
    const isVector = Array.isArray(embedding) && embedding.length > 0 && embedding.every(Number.isFinite);
    if (!isVector || typeof index !== 'number' || vectors[index] !== undefined) throw malformed();
    vectors[index] = normalize(Float32Array.from(embedding as number[]));
  }
  for (let index = 0; index < count; index += 1) if (vectors[index] === undefined) throw malformed();
  return vectors;
}

function normalize(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
