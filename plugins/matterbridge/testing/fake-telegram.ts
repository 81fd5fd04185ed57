import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The fake is the direct connector's, which tests of other plugins use as a program. */
const program = join(import.meta.dirname, '..', '..', 'telegram', 'testing', 'main.ts');

export interface SaidMessage {
  readonly text: string;
  readonly file: { readonly name: string; readonly base64: string } | null;
}

interface Call {
  readonly method: string;
}

export class FakeTelegram {
  readonly token: string;
  readonly proxy: string;
  readonly ca: string;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { token, proxy, ca }: { token: string; proxy: string; ca: string }) {
    this.#child = child;
    this.token = token;
    this.proxy = proxy;
    this.ca = ca;
  }

  static async start(): Promise<FakeTelegram> {
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    return new FakeTelegram(child, JSON.parse(line));
  }

  async say(saying: object): Promise<void> {
    const answer = await fetch(`${this.proxy}/say`, { method: 'POST', body: JSON.stringify(saying) });
    if (!answer.ok) throw new Error(`The fake Telegram refused ${JSON.stringify(saying)}: ${await answer.text()}`);
  }

  /** As api.telegram.org would answer. */
  async ask(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const { method, headers } = request;
    const body = method === 'GET' ? null : new Uint8Array(await request.arrayBuffer());
    return fetch(this.proxy + pathname, { method, headers, body });
  }

  async addFile(id: string, bytes: Uint8Array): Promise<void> {
    await fetch(`${this.proxy}/file?id=${id}`, { method: 'POST', body: bytes.slice() });
  }

  /** What the chat has been told until now. */
  saidNow(chat: number): Promise<readonly SaidMessage[]> {
    return this.#get(`/said?chat=${chat}`);
  }

  /** What the chat has been told, once it is this many messages. */
  async said(chat: number, count: number): Promise<readonly SaidMessage[]> {
    for (;;) {
      const said: SaidMessage[] = await this.#get(`/said?chat=${chat}`);
      if (said.length >= count) return said;
    }
  }

  /** How often the bot asked for this. */
  async count(method: string): Promise<number> {
    const calls: Call[] = await this.#get('/calls');
    return calls.filter((call) => call.method === method).length;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(this.proxy + path);
    return (await answer.json()) as T;
  }
}
