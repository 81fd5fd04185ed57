/** Plain data, as it crosses to the host and back. */
export type Data = null | boolean | number | string | readonly Data[] | { readonly [name: string]: Data };

/** One HTTP request of a script. */
export interface WebRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | null;
  readonly timeoutMs: number;
  /** Longer bodies are cut when `isCut`, and an error otherwise. */
  readonly maxBytes: number;
  readonly isCut: boolean;
}

/** What came back: any status is an answer. */
export interface WebResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/**
 * All that a script can do to the world. A method throws or rejects with an `Error` whose message tells an author what to
 * change; a `code` on it is kept.
 */
export interface Effects {
  http(request: WebRequest): Promise<WebResponse>;
  /** What stands for a secret in a header; the value itself never reaches a script. */
  secret(name: string): string;
  /** Whether the operator has set it. */
  hasSecret(name: string): Promise<boolean>;
  /** Rejects with the code `NOT_FOUND` where there is none. */
  readFile(path: string): Promise<string>;
  /** Gives the number of bytes written. */
  writeFile(path: string, text: string): Promise<number>;
  listFiles(path: string): Promise<readonly string[]>;
  /** Gives whether there was such a file. */
  removeFile(path: string): Promise<boolean>;
  /** Undefined: there is no such key. */
  getValue(key: string): Promise<Data | undefined>;
  setValue(key: string, value: Data): Promise<void>;
  /** Gives whether there was such a key. */
  deleteValue(key: string): Promise<boolean>;
  listKeys(prefix: string): Promise<readonly string[]>;
  /** Runs `body` while no other call of this script is within the same for the same key. */
  exclusive<T>(key: string, body: () => Promise<T>): Promise<T>;
  /** Calls a capability by its full name, such as `service:memory.search` or `tool:tasks`. */
  call(capability: string, args: Data): Promise<Data>;
}

/** Why there is no effect here: the rest of a sentence that begins with the name of the function. */
export class EffectRefused extends Error {}

/** The effects of a place where there may be none. */
export function refusedEffects(reason: string): Effects {
  const refused = (): never => {
    throw new EffectRefused(reason);
  };
  return {
    http: refused,
    secret: refused,
    hasSecret: refused,
    readFile: refused,
    writeFile: refused,
    listFiles: refused,
    removeFile: refused,
    getValue: refused,
    setValue: refused,
    deleteValue: refused,
    listKeys: refused,
    exclusive: refused,
    call: refused,
  };
}
