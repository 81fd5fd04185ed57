import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from './program.ts';

/** An IRC server of a test's own, with one channel, `#lab`. */
export interface IrcRoom {
  readonly port: number;
  close(): Promise<void>;
}

export async function openIrcRoom(ngircd: string): Promise<IrcRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-irc-'));
  const port = await freePort();
  const file = join(folder, 'ngircd.conf');
  const lines = [
    '[Global]',
    'Name=irc.test',
    'Listen=127.0.0.1',
    `Ports=${port}`,
    'ServerUID=nobody',
    'ServerGID=nogroup',
  ];
  const rest = [
    '[Limits]',
    'MaxConnectionsIP=0',
    '[Options]',
    'DNS=no',
    'Ident=no',
    'PAM=no',
    '[Channel]',
    'Name=#lab',
  ];
  writeFileSync(file, `${[...lines, ...rest].join('\n')}\n`);
  const server = new Program([ngircd, '-n', '-f', file], { PATH: process.env.PATH ?? '' });
  await untilOpen(port);
  return {
    port,
    async close() {
      await server.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server tells nobody when it listens: it is asked until it does. */
async function untilOpen(port: number): Promise<void> {
  for (;;) {
    const socket = createConnection(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
