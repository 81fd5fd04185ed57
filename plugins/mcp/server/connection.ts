import { join } from 'node:path';
import { ClayError, type Context } from '@clay/sdk';
import { isProgram, type McpConfig, type ServerDefinition } from '../config.ts';
import { StreamableHTTPClientTransport, type Transport } from './client-library.ts';
import { surroundingsOf } from './environment.ts';
import { createGuardedFetch } from './guarded-fetch.ts';
import { ProgramTransport } from './program-transport.ts';

/** A way to a server that nobody has gone yet. */
export interface Connection {
  readonly transport: Transport;
  readonly isRemote: boolean;
  /** How it ended, once it has. */
  readonly problem: () => string | null;
  /** The end of what a program said beside its messages. */
  readonly errorOutput: () => string;
}

/** Where a server keeps what it writes. */
export function folderOf(data: string, server: string): string {
  return join(data, 'files', 'mcp', server);
}

/**
 * Opens the way to a server.
 *
 * @throws ClayError `REFUSED` for a program where none may run
 */
export function createConnection(
  server: string,
  definition: ServerDefinition,
  { config, paths, http, secrets, clock }: Pick<Context<McpConfig>, 'config' | 'paths' | 'http' | 'secrets' | 'clock'>,
): Connection {
  const { maxMessageBytes, graceMs, mcp } = config;
  if (isProgram(definition)) {
    if (config.shell === 'off') throw new ClayError('REFUSED', shellIsOff);
    const { command, args, env } = definition;
    const transport = new ProgramTransport({
      command,
      args,
      ...surroundingsOf(folderOf(paths.data, server), env, mcp.variables),
      maxMessageBytes,
      graceMs,
      clock,
    });
    return {
      transport,
      isRemote: false,
      problem: () => transport.problem,
      errorOutput: () => transport.errorOutput,
    };
  }
  const { url, headers, callMs } = definition;
  const fetch = createGuardedFetch({
    http,
    secrets,
    headers,
    timeoutMs: Math.min(callMs, maxFetchMs),
    maxBytes: maxMessageBytes,
  });
  return {
    transport: new StreamableHTTPClientTransport(new URL(url), { fetch }),
    isRemote: true,
    problem: () => null,
    errorOutput: () => '',
  };
}

export const shellIsOff =
  'MCP servers that are programs do not run here: the operator has turned programs off (CLAY_SHELL=off)';

/** The host's own bound of one request. */
const maxFetchMs = 300_000;
