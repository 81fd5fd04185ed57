import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import type { Environment } from '../../../config/load.ts';
import { explainListenError } from '../../../gateway/listen-error.ts';
import { readRunFile } from '../../../gateway/run-file.ts';
import { UnreachableError } from '../../cli-error.ts';
import { ClawClient } from '../../client/claw-client.ts';
import { type ClawAddress, findClaw } from '../../client/find-claw.ts';
import { type Finding, failure, ok, warning } from './check.ts';

/** The running claw of this folder, or null, and whether the last one ended well. */
export async function checkHost(
  config: Config,
  env: Environment,
): Promise<{ readonly finding: Finding; readonly address: ClawAddress | null }> {
  const run = readRunFile(config.paths.data);
  const hasNote = existsSync(join(config.paths.data, 'host.running.json'));
  if (run === null) return { finding: hasNote ? uncleanEnd() : ok('host', 'does not run'), address: null };
  const address = findClaw({ ...env, CLAY_URL: undefined });
  try {
    await new ClawClient(address).ask('GET', '/readyz');
    return { finding: ok('host', `runs as process ${run.pid} at ${run.publicUrl} and ${run.adkUrl}`), address };
  } catch (error) {
    if (error instanceof UnreachableError) return { finding: uncleanEnd(), address: null };
    const remedy = 'The log of the host tells more. A restart does no harm: open turns are finished or continued.';
    return { finding: failure('host', `runs, but takes no turns: ${(error as Error).message}`, remedy), address };
  }
}

function uncleanEnd(): Finding {
  return warning(
    'host',
    'does not run, and was killed the last time',
    'Start it: it checks its database first, which may take a moment.',
  );
}

/** Whether both ports can be had by a claw that is not running yet. */
export async function checkPorts({ server }: Config): Promise<readonly Finding[]> {
  return [
    await checkPort('CLAY_PORT', server.host, server.port),
    await checkPort('ADK_PORT', '127.0.0.1', server.adkPort),
  ];
}

function checkPort(variable: string, host: string, port: number): Promise<Finding> {
  if (port === 0) return Promise.resolve(ok(variable, 'a free one is picked at the start'));
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      const message = explainListenError(error, host, port, variable);
      const end = message.indexOf('. ') + 1;
      resolve(failure(variable, message.slice(0, end), message.slice(end).trim()));
    });
    server.listen({ host, port }, () => server.close(() => resolve(ok(variable, `${host}:${port} is free`))));
  });
}
