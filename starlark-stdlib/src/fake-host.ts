import type { Data, Effects, WebRequest, WebResponse } from './effects.ts';

/** A call that a script made of a capability. */
export interface FakeCall {
  readonly capability: string;
  readonly args: Data;
}

/**
 * The world of one test: what it says is there is there, what it does not name is an error that tells how to name it, and
 * nothing leaves it.
 */
export class FakeHost implements Effects {
  /** By URL; `*` answers what no other does. */
  readonly pages = new Map<string, (request: WebRequest) => Promise<WebResponse>>();
  /** Results by the full name of the capability. */
  readonly capabilities = new Map<string, (args: Data) => Promise<Data>>();
  readonly files = new Map<string, string>();
  /** What the clock shows, in nanoseconds since 1970; null: the time that it is. */
  now: bigint | null = null;
  /** The secrets that are set; null: all that are asked for. */
  secrets: ReadonlySet<string> | null = null;
  readonly values = new Map<string, Data>();
  readonly requests: WebRequest[] = [];
  readonly calls: FakeCall[] = [];

  async http(request: WebRequest): Promise<WebResponse> {
    this.requests.push(request);
    const page = this.pages.get(request.url) ?? this.pages.get('*');
    if (page !== undefined) return page(request);
    const known = this.pages.size === 0 ? 'it has none' : `it has ${[...this.pages.keys()].join(', ')}`;
    throw new Error(
      `the test has no answer to ${request.method} ${request.url} (${known}): give it one with testing.http({"${request.url}": "body"})`,
    );
  }

  secret(name: string): string {
    return `secret:${name}`;
  }

  async hasSecret(name: string): Promise<boolean> {
    return this.secrets === null || this.secrets.has(name);
  }

  async readFile(path: string): Promise<string> {
    const text = this.files.get(path);
    if (text !== undefined) return text;
    const message = `there is no file ${path} in the test: give it one with testing.files({"${path}": "text"})`;
    throw Object.assign(new Error(message), { code: 'NOT_FOUND' });
  }

  async writeFile(path: string, text: string): Promise<number> {
    this.files.set(path, text);
    return Buffer.byteLength(text);
  }

  async listFiles(path: string): Promise<readonly string[]> {
    const folder = `${path}/`;
    const names = [...this.files.keys()].filter((each) => each.startsWith(folder));
    return [...new Set(names.map((each) => each.slice(folder.length).split('/')[0] ?? ''))].sort();
  }

  async removeFile(path: string): Promise<boolean> {
    return this.files.delete(path);
  }

  async getValue(key: string): Promise<Data | undefined> {
    return this.values.get(key);
  }

  async setValue(key: string, value: Data): Promise<void> {
    this.values.set(key, value);
  }

  async deleteValue(key: string): Promise<boolean> {
    return this.values.delete(key);
  }

  async listKeys(prefix: string): Promise<readonly string[]> {
    return [...this.values.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** A test makes one call at a time. */
  exclusive<T>(_key: string, body: () => Promise<T>): Promise<T> {
    return body();
  }

  async call(capability: string, args: Data): Promise<Data> {
    this.calls.push({ capability, args });
    const result = this.capabilities.get(capability);
    if (result !== undefined) return result(args);
    throw new Error(
      `the test has no answer to ${capability}: give it one with testing.capability("${capability}", result)`,
    );
  }
}
