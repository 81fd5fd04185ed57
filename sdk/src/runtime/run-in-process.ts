import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { PluginDefinition } from '../define-plugin.ts';
import { ClayError, toFailure } from '../errors.ts';
import type { Fault, HostMessage, PluginMessage } from '../wire/message.ts';
import { openLine } from '../wire/open-line.ts';
import type { Port } from '../wire/port.ts';
import { createPluginStreamPort } from '../wire/stream-port.ts';
import { locate } from './location.ts';
import { runPlugin } from './plugin-runtime.ts';
import { mayStartPrograms, shedPowers } from './shed-powers.ts';

/** For what was said last to reach the host. */
const flushMs = 500;
/** For effects to be released once the host is gone. */
const releaseMs = 1_000;

/**
 * Runs a plugin as a process of its own, over the pipes that the host has put at its {@link lineDescriptors}. The whole of
 * such a process: it ends when they close, or with the first error that nobody caught, which it tells first.
 *
 * @param load imports the plugin, such as `() => import('./index.ts')`, so that what it throws meanwhile can be told too
 */
export async function runInProcess(load: () => Promise<{ readonly default: PluginDefinition }>): Promise<void> {
  const line = openLine();
  const port = createPluginStreamPort(line);
  const die = (phase: Fault['phase'], thrown: unknown) => dieOf(phase, thrown, port, line.writable);
  process.on('uncaughtException', (error) => die('run', error));
  process.on('unhandledRejection', (reason) => die('run', unhandled(reason)));
  port.closed.then((reason) => {
    if (reason !== null) process.stderr.write(`The line to the host broke: ${reason.message}\n`);
    process.on('exit', endGroup);
    setTimeout(endGroup, releaseMs).unref();
  });
  shedPowers();
  let definition: PluginDefinition;
  try {
    definition = (await load()).default;
    if (typeof definition?.setup !== 'function') {
      throw new ClayError('BAD_ARGUMENTS', 'The entry module of a plugin must export definePlugin({ … }) as default.');
    }
  } catch (thrown) {
    return die('load', thrown);
  }
  runPlugin(definition, port, { clock: processClock });
}

/** Tells the host and the standard error why, then ends: after an error that nobody caught no state can be trusted. */
function dieOf(phase: Fault['phase'], thrown: unknown, port: Port<PluginMessage, HostMessage>, pipe: Writable): void {
  process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
  const end = () => process.exit(1);
  setTimeout(end, flushMs);
  port.send({ type: 'fault', phase, failure: toFailure(thrown), location: locate(thrown) });
  // Called once everything before it is out.
  pipe.write('', end);
}

/** Also ends what the plugin started and left behind in its process group. */
function endGroup(): void {
  if (mayStartPrograms()) process.kill(-process.pid, 'SIGKILL');
  else process.exit();
}

function unhandled(reason: unknown): unknown {
  if (reason instanceof Error) return reason;
  return new ClayError('INTERNAL', `A promise was rejected and nobody handled it: ${String(reason)}`);
}

/** Unlike the host's, its timers keep the process alive only as long as the line does. */
const processClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  sleep(ms, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
