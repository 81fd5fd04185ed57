import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Clock } from '@clay/sdk';

/** What Node says on standard error when SIGUSR1 has opened its inspector, which also a spinning loop cannot hinder. */
const announcement = /Debugger listening on (ws:\/\/\S+)/;
const mostBytes = 8 * 1024 * 1024;
const mostFrames = 20;

/** Where the inspector of a Node process listens, if this is what it told. */
export function inspectorAddress(output: string): URL | null {
  const address = announcement.exec(output)?.[1];
  return address === undefined ? null : new URL(address);
}

/** Stops a Node process where it is and tells where that is, innermost first; empty when it does not tell in time. */
export function stackOf(address: URL, clock: Clock, limitMs: number): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const socket = connect(Number(address.port), address.hostname);
  const urls = new Map<string, string>();
  const messages = new Messages({
    onOpen() {
      send(socket, { id: 1, method: 'Debugger.enable' });
      send(socket, { id: 2, method: 'Debugger.pause' });
    },
    onText(text) {
      const { method, params } = parseEvent(text);
      if (method === 'Debugger.scriptParsed') urls.set(String(params.scriptId), String(params.url));
      if (method === 'Debugger.paused') resolve(describeFrames(params.callFrames, urls));
    },
  });
  socket.on('connect', () => socket.write(upgrade(address)));
  socket.on('data', (bytes: Uint8Array) => {
    if (!messages.push(bytes)) resolve([]);
  });
  // Whoever is that far gone is killed without a word.
  socket.on('error', () => resolve([]));
  socket.on('close', () => resolve([]));
  const cancel = clock.after(limitMs, () => resolve([]));
  return promise.finally(() => {
    cancel();
    socket.destroy();
  });
}

function upgrade({ host, pathname }: URL): string {
  const lines = [
    `GET ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    // Random only against caches, which are not there; and `node:crypto` would cost the medic five megabytes for ever.
    `Sec-WebSocket-Key: ${'A'.repeat(22)}==`,
    'Sec-WebSocket-Version: 13',
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** A short text frame, masked with zeros: the mask is against caches between the two, and there are none. */
function send(socket: Socket, message: object): void {
  const text = JSON.stringify(message);
  socket.write(Buffer.concat([Uint8Array.of(0x81, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]));
}

interface MessagesOptions {
  /** The server has answered: what is sent before is lost. */
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
}

/** Cuts the stream of a WebSocket server into its texts: headers first, then frames without a mask. */
class Messages {
  readonly #options: MessagesOptions;
  #bytes = Buffer.alloc(0);
  #isOpen = false;
  #size = 0;

  constructor(options: MessagesOptions) {
    this.#options = options;
  }

  /** False when it is more than anybody wants to read. */
  push(bytes: Uint8Array): boolean {
    this.#size += bytes.byteLength;
    if (this.#size > mostBytes) return false;
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    if (!this.#isOpen) {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end < 0) return true;
      this.#isOpen = true;
      this.#bytes = this.#bytes.subarray(end + 4);
      this.#options.onOpen();
    }
    for (let text = this.#take(); text !== null; text = this.#take()) this.#options.onText(text);
    return true;
  }

  #take(): string | null {
    const bytes = this.#bytes;
    if (bytes.length < 10) return null;
    const short = bytes.readUInt8(1) & 0x7f;
    const [start, length] =
      short === 126 ? [4, bytes.readUInt16BE(2)] : short === 127 ? [10, Number(bytes.readBigUInt64BE(2))] : [2, short];
    if (bytes.length < start + length) return null;
    this.#bytes = bytes.subarray(start + length);
    return bytes.toString('utf8', start, start + length);
  }
}

function parseEvent(text: string): { readonly method: string; readonly params: Record<string, unknown> } {
  try {
    const { method, params } = JSON.parse(text);
    return { method: String(method), params: params ?? {} };
  } catch {
    return { method: '', params: {} };
  }
}

function describeFrames(frames: unknown, urls: ReadonlyMap<string, string>): readonly string[] {
  if (!Array.isArray(frames)) return [];
  return frames.slice(0, mostFrames).map(({ functionName, location }) => {
    const url = urls.get(String(location?.scriptId)) ?? 'unknown';
    const file = url.startsWith('file://') ? fileURLToPath(url) : url;
    return `${functionName || 'a function'} (${file}:${location?.lineNumber + 1}:${location?.columnNumber + 1})`;
  });
}
