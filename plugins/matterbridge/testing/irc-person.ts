import { EventEmitter, once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Somebody in an IRC channel. */
export class IrcPerson {
  readonly nick: string;
  readonly #socket: Socket;
  readonly #news = new EventEmitter();
  /** Lines of the server. */
  readonly lines: string[] = [];

  constructor(nick: string, port: number) {
    this.nick = nick;
    this.#socket = createConnection(port, '127.0.0.1');
    // The server may be killed before this person is.
    this.#socket.on('error', () => this.#socket.destroy());
    createInterface({ input: this.#socket }).on('line', (line) => {
      if (line.startsWith('PING')) this.write(line.replace('PING', 'PONG'));
      this.lines.push(line);
      this.#news.emit('line');
    });
    this.write(`NICK ${nick}`);
    this.write(`USER ${nick} 0 * :${nick}`);
  }

  async join(channel: string): Promise<void> {
    await this.hears(/ 001 /);
    this.write(`JOIN ${channel}`);
    await this.hears(/ 366 /);
  }

  say(channel: string, text: string): void {
    this.write(`PRIVMSG ${channel} :${text}`);
  }

  write(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  /** The first line from `start` on that fits. */
  async hears(pattern: RegExp, start = 0): Promise<string> {
    for (;;) {
      const line = this.lines.slice(start).find((one) => pattern.test(one));
      if (line !== undefined) return line;
      await once(this.#news, 'line');
    }
  }

  leave(): void {
    this.#socket.destroy();
  }
}
