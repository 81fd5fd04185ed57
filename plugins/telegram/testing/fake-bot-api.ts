import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '@clay/sdk';
import { type FakeButton, FakeChats, type FakeMessage } from './fake-chats.ts';
import { FakeRefusal } from './fake-refusal.ts';
import { FakeUpdates } from './fake-updates.ts';
import { FakeWebhook, type WebhookClient } from './fake-webhook.ts';
import { type FakeParameters, readParameters } from './read-body.ts';
import { type FakePerson, type FakeSaying, toMessage } from './update.ts';

/** One call that came in. */
export interface FakeCall {
  readonly method: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What it was answered with; `cut` when the line was. */
  status: number | 'cut' | 'open';
}

/** What the next call of a method meets: a refusal, or a cut of the line before or after it took effect, or in the answer. */
export type FakeScript = FakeRefusal | 'cut before' | 'cut after' | 'cut midway';

export interface FakeBotOptions {
  /** Default `111:TEST`. */
  readonly token?: string;
  /** Least milliseconds between two messages to one chat; closer ones are refused with 429. Default 0: no limit. */
  readonly chatGapMs?: number;
  /** Whether the bot hears all that is said in groups. Default false. */
  readonly hearsGroups?: boolean;
  /** Reaches the bot's webhook. Default: nobody does. */
  readonly webhookClient?: WebhookClient;
}

const botId = 111;
/** A bot gets no larger file. */
const mostFetched = 20_000_000;
const sends = /^(send(?!ChatAction)|editMessage)/;

/**
 * A Bot API in memory, as strict as the real one: lengths, entities, rates, one reader at a time. Its `listener` may
 * stand behind any server, such as one that ends TLS for a CONNECT proxy.
 */
export class FakeBotApi {
  readonly token: string;
  readonly calls: FakeCall[] = [];
  readonly chats = new FakeChats();
  readonly updates = new FakeUpdates();
  readonly webhook: FakeWebhook;
  readonly listener: RequestListener = (request, response) => void this.#serve(request, response);
  readonly #options: FakeBotOptions;
  readonly #scripts = new Map<string, FakeScript[]>();
  readonly #files = new Map<string, Uint8Array>();
  readonly #lastSend = new Map<string, number>();
  readonly #presses = new Set<string>();
  readonly #watchers = new Set<() => void>();

  constructor(options: FakeBotOptions = {}) {
    this.#options = options;
    this.token = options.token ?? `${botId}:TEST`;
    this.webhook = new FakeWebhook(this.updates, options.webhookClient ?? (async () => 0));
  }

  /** A person says something; gives the update's id. */
  say(saying: FakeSaying): number {
    return this.#bring(saying.kind ?? 'message', toMessage(saying, this.chats.nextId()));
  }

  /** A person presses a button below a message of the bot; gives the update's id. */
  press(from: FakePerson, chat: number, label: string): number {
    const message = this.said(chat).find(({ buttons }) => buttons.some(({ text }) => text === label));
    const button = message?.buttons.find(({ text }) => text === label);
    if (message === undefined || button === undefined)
      throw new Error(`There is no button ${JSON.stringify(label)} in the chat ${chat}.`);
    return this.pressAgain(from, message, button);
  }

  /** Somebody presses what they still see, though it may be gone. */
  pressAgain(from: FakePerson, message: FakeMessage, { callback_data: data }: FakeButton): number {
    const id = `press-${this.chats.nextId()}`;
    this.#presses.add(id);
    const asked = { ...toMessage({ from, chat: Number(message.chat) }, message.id), text: message.text };
    const content = { id, from: { is_bot: false, ...from }, chat_instance: '1', message: asked, data };
    return this.#bring('callback_query', content);
  }

  /** What the bot has said in a chat, as it stands now. */
  said(chat: number): readonly FakeMessage[] {
    return this.chats.in(chat);
  }

  /** Puts a file on the server. */
  addFile(id: string, bytes: Uint8Array): void {
    this.#files.set(id, bytes);
  }

  /** The next calls of a method meet these, one each. */
  script(method: string, ...scripts: readonly FakeScript[]): void {
    this.#scripts.set(method, [...(this.#scripts.get(method) ?? []), ...scripts]);
  }

  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  /** Resolves when the condition holds; looked at whenever a call comes or is answered. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        const watcher = () => {
          this.#watchers.delete(watcher);
          resolve();
        };
        this.#watchers.add(watcher);
      });
    }
  }

  #bring(kind: string, content: JsonObject): number {
    const id = this.updates.add(kind, content);
    this.#tell();
    void this.webhook.push().then(() => this.#tell());
    return id;
  }

  #tell(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://fake').pathname;
    const file = path.startsWith('/file/');
    const [, token = '', rest = ''] = /^(?:\/file)?\/bot([^/]+)\/(.+)$/.exec(path) ?? [];
    const parameters = await readParameters(request);
    const call: FakeCall = { method: file ? 'file' : rest, parameters: parameters.values, status: 'open' };
    this.calls.push(call);
    this.#tell();
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    try {
      if (token !== this.token) throw new FakeRefusal(401, 'Unauthorized');
      const script = this.#scripts.get(call.method)?.shift();
      if (script instanceof FakeRefusal) throw script;
      if (script === 'cut before') return this.#cut(call, request);
      if (file) {
        this.#answerFile(rest, response);
        call.status = response.statusCode;
      } else {
        this.#checkRate(call.method, parameters);
        const result = await this.#run(rest, parameters, gone.signal);
        if (script === 'cut after') return this.#cut(call, request);
        if (script === 'cut midway') return cutMidway(call, response, { ok: true, result });
        call.status = 200;
        answer(response, 200, { ok: true, result });
      }
    } catch (thrown) {
      const refusal = thrown instanceof FakeRefusal ? thrown : new FakeRefusal(500, `Internal Server Error: ${thrown}`);
      call.status = refusal.status;
      const extra = refusal.retryAfterS === null ? {} : { parameters: { retry_after: refusal.retryAfterS } };
      answer(response, refusal.status, {
        ok: false,
        error_code: refusal.status,
        description: refusal.message,
        ...extra,
      });
    } finally {
      this.#tell();
    }
  }

  #cut(call: FakeCall, request: IncomingMessage): void {
    call.status = 'cut';
    request.socket.destroy();
  }

  #checkRate(method: string, { values }: FakeParameters): void {
    const { chatGapMs = 0 } = this.#options;
    if (chatGapMs === 0 || !sends.test(method)) return;
    const chat = String(values.chat_id);
    const waitMs = (this.#lastSend.get(chat) ?? 0) + chatGapMs - Date.now();
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new FakeRefusal(429, `Too Many Requests: retry after ${seconds}`, seconds);
    }
    this.#lastSend.set(chat, Date.now());
  }

  async #run(method: string, parameters: FakeParameters, gone: AbortSignal): Promise<unknown> {
    const { values } = parameters;
    switch (method) {
      case 'getMe':
        return {
          id: botId,
          is_bot: true,
          first_name: 'Clay',
          username: 'clay_bot',
          can_read_all_group_messages: this.#options.hearsGroups ?? false,
        };
      case 'getUpdates':
        if (this.webhook.isSet)
          throw new FakeRefusal(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
          );
        return this.updates.read(
          readAllowed(values.allowed_updates),
          Number(values.offset ?? 0),
          Number(values.timeout ?? 0),
          Number(values.limit ?? 100),
          gone,
        );
      case 'sendMessage':
        return toResult(this.chats.send(parameters));
      case 'editMessageText':
        return toResult(this.chats.edit(parameters));
      case 'deleteMessage':
        return this.chats.delete(parameters);
      case 'sendPhoto':
      case 'sendDocument':
      case 'sendVoice':
        return toResult(this.chats.sendFile(parameters, method.slice('send'.length).toLowerCase()));
      case 'sendMediaGroup':
        return [toResult(this.chats.sendFile(parameters, 'media'))];
      case 'getFile': {
        const id = String(values.file_id);
        const bytes = this.#files.get(id);
        if (bytes === undefined) throw new FakeRefusal(400, 'Bad Request: invalid file_id');
        if (bytes.length > mostFetched) throw new FakeRefusal(400, 'Bad Request: file is too big');
        return { file_id: id, file_unique_id: id, file_size: bytes.length, file_path: `files/${id}` };
      }
      case 'answerCallbackQuery':
        if (!this.#presses.delete(String(values.callback_query_id)))
          throw new FakeRefusal(
            400,
            'Bad Request: query is too old and response timeout expired or query ID is invalid',
          );
        return true;
      case 'sendChatAction':
      case 'setMyCommands':
        return true;
      case 'setWebhook':
        return this.webhook.set(values, readAllowed(values.allowed_updates));
      case 'deleteWebhook':
        return this.webhook.delete();
      case 'getWebhookInfo':
        return this.webhook.info;
      default:
        throw new FakeRefusal(404, 'Not Found');
    }
  }

  #answerFile(path: string, response: ServerResponse): void {
    const bytes = this.#files.get(path.replace(/^files\//, ''));
    if (bytes === undefined) throw new FakeRefusal(404, 'Not Found');
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length }).end(bytes);
  }
}

/** A {@link FakeBotApi} that listens on loopback. */
export interface ListeningBotApi extends AsyncDisposable {
  readonly fake: FakeBotApi;
  readonly url: string;
  /** Nobody answers any more, and every line breaks. */
  fall(): Promise<void>;
  /** It answers again, at the same address. */
  rise(): Promise<void>;
}

export async function listenBotApi(options: FakeBotOptions = {}): Promise<ListeningBotApi> {
  const fake = new FakeBotApi(options);
  const server = createServer(fake.listener);
  const rise = (port = 0) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const fall = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  await rise();
  const { port } = server.address() as AddressInfo;
  return { fake, url: `http://127.0.0.1:${port}`, fall, rise: () => rise(port), [Symbol.asyncDispose]: fall };
}

/** Null: all that the bot is told of without asking. */
function readAllowed(value: unknown): readonly string[] | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? JSON.parse(value) : (value as readonly string[]);
}

function toResult({ id, chat, text }: FakeMessage) {
  return { message_id: id, date: Math.floor(Date.now() / 1000), chat: { id: Number(chat), type: 'private' }, text };
}

function cutMidway(call: FakeCall, response: ServerResponse, body: object): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  call.status = 'cut';
}

function answer(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
