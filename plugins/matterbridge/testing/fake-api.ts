import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeMessage {
  readonly [field: string]: unknown;
}

/** A message as matterbridge brings it from Telegram. */
export function fromTelegram(fields: FakeMessage = {}): FakeMessage {
  return {
    text: 'hello 😄',
    channel: '5001',
    username: 'al',
    userid: '5001',
    avatar: '',
    account: 'telegram.bot',
    event: '',
    protocol: 'telegram',
    gateway: 'telegram-5001',
    parent_id: '',
    timestamp: '2026-11-22T19:51:20.819934894Z',
    id: '',
    Extra: {},
    ...fields,
  };
}

interface Events {
  connected: [];
  cut: [];
  health: [];
  posted: [FakeMessage];
}

/**
 * Matterbridge's API as it was seen to behave: a token on every route, a ring that each stream drains, `api_connected`
 * first, answers to posts before and regardless of their delivery.
 */
export class FakeApi extends EventEmitter<Events> {
  readonly token = 'mytoken';
  /** What would be delivered. */
  readonly delivered: FakeMessage[] = [];
  readonly gateways = new Set(['telegram-5001', 'room']);
  readonly refusals: number[] = [];
  isHealthy = true;
  /** The status of posts. */
  status = 200;
  /** Of the next posts, one each. */
  readonly nextStatuses: number[] = [];
  /** How often a stream began while there was another. */
  clashes = 0;
  buffer = 1000;
  #ring: FakeMessage[] = [];
  #server: Server;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  readonly #streams = new Set<ServerResponse>();

  constructor() {
    super();
    this.#server = this.#create();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get streams(): number {
    return this.#streams.size;
  }

  async start(): Promise<this> {
    this.#server = this.#create();
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    return this;
  }

  /** As by kill -9: connections break, and what was in the ring is gone. */
  async kill(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#streams.clear();
    this.#ring = [];
    await closed;
  }

  /** Somebody says something. */
  say(message: FakeMessage): void {
    this.#ring.push(message);
    if (this.#ring.length > this.buffer) this.#ring.shift();
    this.#drain();
  }

  /** Writes bytes into the stream as they are. */
  write(bytes: string | Uint8Array): void {
    for (const stream of this.#streams) stream.write(bytes);
  }

  /** Breaks the streams in the middle of whatever they carry. */
  cut(): void {
    for (const stream of this.#streams) stream.socket?.destroy();
    this.#streams.clear();
  }

  #create(): Server {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization } = request.headers;
    if (authorization !== `Bearer ${this.token}`) {
      const status = authorization === undefined ? 400 : 401;
      this.refusals.push(status);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify({ message: authorization === undefined ? 'missing key in request header' : 'Unauthorized' }),
      );
      return;
    }
    switch (`${request.method} ${request.url}`) {
      case 'GET /api/health':
        this.emit('health');
        if (this.isHealthy) response.end('OK');
        else request.socket.destroy();
        return;
      case 'GET /api/stream':
        response.writeHead(200, { 'content-type': 'application/json' });
        response.write(`${JSON.stringify({ ...fromTelegram({ text: '', userid: '', event: 'api_connected' }) })}\n`);
        if (this.#streams.size > 0) this.clashes++;
        this.#streams.add(response);
        response.on('close', () => {
          this.#streams.delete(response);
          this.emit('cut');
        });
        this.emit('connected');
        this.#drain();
        return;
      case 'POST /api/message': {
        const body = await text(request);
        // A form is no error to it, and no message either.
        const isJson = request.headers['content-type'] === 'application/json';
        const message: FakeMessage = isJson ? JSON.parse(body) : {};
        const status = this.nextStatuses.shift() ?? this.status;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(message));
        if (status !== 200) return;
        const hasFile = message.Extra !== undefined;
        if (!this.gateways.has(String(message.gateway)) || (message.text === '' && !hasFile)) return;
        this.delivered.push(message);
        this.emit('posted', message);
        return;
      }
      default:
        response.writeHead(404).end();
    }
  }

  /** Each message goes to one of the streams. */
  #drain(): void {
    const [stream] = this.#streams;
    if (stream === undefined) return;
    for (const message of this.#ring.splice(0)) stream.write(`${JSON.stringify(message)}\n`);
  }
}
