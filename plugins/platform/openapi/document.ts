import { ClayError, type Clock, type Json, type JsonObject, type Log, type Store, toFailure } from '@clay/sdk';
import { z } from 'zod';
import type { PlatformHttp } from '../account/platform-http.ts';
import { type Patience, read } from '../account/platform-session.ts';
import type { Operations } from './operation.ts';
import { isObject, readOperations } from './read-operations.ts';

const path = '/openapi.json';
const storeKey = 'openapi';

interface Kept {
  readonly baseUrl: string;
  readonly etag: string | null;
  /** When the platform last said that this is what it offers. */
  readonly checkedAt: number;
  readonly document: JsonObject;
}

export interface DocumentOptions {
  readonly http: PlatformHttp;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly baseUrl: string;
  /** How long it is taken as it is. */
  readonly maxAgeMs: number;
}

/** What the platform offers. Kept over restarts; asked for changes when it is old; an old one is better than none. */
export class PlatformDocument {
  readonly #options: DocumentOptions;
  #read: { readonly from: Kept; readonly operations: Operations } | null = null;

  constructor(options: DocumentOptions) {
    this.#options = options;
  }

  async operations(patience: Patience): Promise<Operations> {
    const kept = await this.#load();
    const { clock, maxAgeMs } = this.#options;
    const isFresh = kept !== null && clock.now() - kept.checkedAt < maxAgeMs;
    const current = isFresh ? kept : await this.#refresh(kept, patience);
    if (this.#read?.from.document !== current.document)
      this.#read = { from: current, operations: readOperations(current.document) };
    this.#read = { ...this.#read, from: current };
    return this.#read.operations;
  }

  async #load(): Promise<Kept | null> {
    if (this.#read !== null) return this.#read.from;
    const kept = (await this.#options.store.get(storeKey)) as unknown as Kept | undefined;
    return kept?.baseUrl === this.#options.baseUrl ? kept : null;
  }

  async #refresh(kept: Kept | null, patience: Patience): Promise<Kept> {
    try {
      return await this.#ask(kept, patience);
    } catch (error) {
      if (kept === null || patience.signal.aborted) throw error;
      this.#options.log.warn('platform.document.old', { error: toFailure(error).error });
      return kept;
    }
  }

  async #ask(kept: Kept | null, patience: Patience): Promise<Kept> {
    const { http, store, clock, baseUrl } = this.#options;
    const etag = kept?.etag ?? null;
    const headers = etag === null ? {} : { 'if-none-match': etag };
    const response = await http.send({
      method: 'GET',
      path,
      headers,
      signal: patience.signal,
      deadline: patience.deadline,
    });
    const isSame = kept !== null && response.status === 304;
    const document = isSame ? kept.document : documentIn(read(z.json(), response, 'The list of the platform’s tools'));
    const next = { baseUrl, etag: response.headers.etag ?? etag, checkedAt: clock.now(), document };
    // What cannot be used must not take the place of what can.
    if (!isSame) readOperations(document);
    await store.set(storeKey, next);
    return next;
  }
}

function documentIn(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw new ClayError('UNAVAILABLE', 'The platform’s /openapi.json is no OpenAPI 3 document.');
}
