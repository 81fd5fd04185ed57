import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { Log } from '@clay/sdk';
import type { StandbyState } from './standby-state.ts';

/** Answers for a claw that is not one yet. */
export interface StandbyServer {
  close(): Promise<void>;
}

export interface StandbyServerOptions {
  readonly host: string;
  readonly port: number;
  readonly state: () => StandbyState;
  readonly log: Log;
}

/**
 * Listens where the claw will: alive, and not ready, so that nobody is sent here. Where the port is still the old
 * claw's, as in a shared network, nobody needs an answer.
 */
export async function startStandbyServer({ host, port, state, log }: StandbyServerOptions): Promise<StandbyServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const { report, state: name } = state();
    const isAlive = path === '/healthz' || path === '/livez' || path === '/health';
    const body = isAlive
      ? { ok: true, state: name, report }
      : {
          ok: false,
          code: 'STANDBY',
          state: name,
          error: 'This claw stands by: another one serves, or is about to end.',
        };
    response
      .writeHead(isAlive ? 200 : 503, { 'content-type': 'application/json', 'retry-after': '1', connection: 'close' })
      .end(JSON.stringify(body));
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    log.warn('standby.not-listening', { host, port, error: (error as Error).message });
    return { close: async () => {} };
  }
  return { close: () => closeServer(server) };
}

async function closeServer(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
