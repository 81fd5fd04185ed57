import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ClayError, type Log } from '@clay/sdk';
import { banner } from './banner.ts';
import { type Claw, startClaw } from './claw.ts';
import { systemClock } from './clock.ts';
import type { Config } from './config/config.ts';
import { ConfigError } from './config/config-error.ts';
import { type Environment, loadConfig } from './config/load.ts';
import { createLog } from './log.ts';
import { connectPulse, type Pulse } from './medic/pulse/connect-pulse.ts';
import { PluginServices } from './medic/pulse/plugin-services.ts';
import { takePulseAddress } from './medic/pulse/pulse-address.ts';
import { knownSecrets } from './policy/redaction/known-secrets.ts';
import { Redactor } from './policy/redaction/redactor.ts';
import { clayVersion } from './version.ts';

/** From the last of a stop to the end of the process. */
const leaveMs = 5_000;

export interface MainOptions {
  readonly env: Environment;
  readonly argv: readonly string[];
}

/** Runs a claw in this process until it is told to stop; gives the exit code. */
export async function main({ env }: MainOptions): Promise<number> {
  const address = takePulseAddress(process.env);
  const { config, warnings } = loadConfig({
    env,
    defaultRoot: join(process.cwd(), '.clay'),
    isTerminal: process.stderr.isTTY === true || address?.isTerminal === true,
  });
  requireWritable(config);
  const redactor = new Redactor(knownSecrets(config, env));
  const write = (line: string) => process.stderr.write(`${redactor.text(line)}\n`);
  const log = createLog({ ...config.log, write, clock: systemClock });
  for (const { name, message } of warnings) log.warn('config.suspect', { name, message });
  keepRunningUnread();
  const pulse = connectPulse({ clock: systemClock, log, address });
  const stopped = untilStopped(log, pulse);
  const clawPulse = {
    begin: () => pulse.begin(config.paths.data, stopMs(config) + leaveMs),
    services: new PluginServices({ pulse, log }),
  };
  const starting = startClaw(config, env, clayVersion, log, clawPulse, systemClock, redactor);
  const claw = await starting.catch((error) => {
    // Told, and for a person to change: a port in use, a full volume. Anything else is a fault, which may pass.
    if (error instanceof ClayError && error.code !== 'INTERNAL') pulse.refused();
    throw error;
  });
  pulse.ready();
  process.stdout.write(banner(claw, config, process.stdout.isTTY === true));
  const signal = await stopped;
  log.info('host.stopping', { signal, openTurns: claw.agentHost.turns.active() });
  await stop(claw, stopMs(config));
  log.info('host.stopped');
  return 0;
}

/** In a container only the volumes can be written, and the root itself cannot. */
function requireWritable({ paths }: Config): void {
  for (const folder of [paths.data, paths.soul, paths.public, join(paths.root, 'builds')])
    try {
      mkdirSync(folder, { recursive: true });
      accessSync(folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      const message = `is not a folder that this user (uid ${process.getuid?.() ?? 'unknown'}) can write: ${(cause as Error).message}. Give it to that user, or set CLAY_ROOT to another folder.`;
      throw new ConfigError([{ name: `CLAY_ROOT (${folder})`, message }]);
    }
}

/** Whoever read our output may go away (a pipe to `tee` or `head`): a claw goes on without an audience. */
function keepRunningUnread(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error');
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** The first signal asks for a graceful stop; a second one means now. A dead medic could start no other host: it ends this one. */
function untilStopped(log: Log, pulse: Pulse): Promise<NodeJS.Signals | 'the medic is gone'> {
  process.on('unhandledRejection', (reason) => {
    log.error('host.unhandled', { error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason) });
    process.exit(1);
  });
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      process.on(signal, () => {
        if (isStopping) process.exit(130);
        isStopping = true;
        pulse.stopping();
        resolve(signal);
      });
    pulse.orphaned.then(() => resolve('the medic is gone'));
  });
}

function stopMs({ limits }: Config): number {
  return limits.drainMs + 10_000;
}

/** Ends although something hangs: a stop that never ends would be killed anyway, without a word. */
async function stop(claw: Claw, hardStopMs: number): Promise<void> {
  const cancel = systemClock.after(hardStopMs, () => {
    process.stderr.write(`clay: still not stopped after ${hardStopMs} ms; leaving now\n`);
    process.exit(1);
  });
  await claw.stop();
  cancel();
}
