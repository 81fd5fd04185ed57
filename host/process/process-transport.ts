import { dirname } from 'node:path';
import type { Clock, Log, Manifest, Paths } from '@clay/sdk';
import type { Transport } from '../generations/transport.ts';
import { Child } from './child.ts';
import type { ChildRegistry } from './child-registry.ts';
import { findShipped, type KeptDeclarations } from './kept-declarations.ts';
import { nodeFlags } from './node-flags.ts';
import type { ProcessDeath } from './process-death.ts';
import type { ShellUser } from './shell-user/find-shell-user.ts';
import { settle } from './shell-user/settle.ts';
import { SleepingPort } from './sleeping-port.ts';
import { spawnChild } from './spawn-child.ts';
import type { ChildLimits } from './watched-process.ts';

export interface ProcessTransportOptions {
  /** The file to start: a whole plugin with its runtime, in the folder of its build. */
  readonly entry: string;
  readonly manifest: Manifest;
  readonly generation: number;
  readonly hash: string;
  /** Effective, not declared. */
  readonly permissions: readonly string[];
  readonly paths: Paths;
  readonly clock: Clock;
  readonly log: Log;
  /** Where children are written down for the next host. */
  readonly registry: ChildRegistry;
  /** Whose the processes are that may start programs. Default: the host's, as all others. */
  readonly shellUser?: ShellUser;
  /** Runs before every start and throws when the build is not what it was. Default: nothing is checked. */
  readonly verify?: () => void | Promise<void>;
  readonly limits?: Partial<ChildLimits>;
  /** How it sleeps when its manifest says that it does. Default: it stays awake. */
  readonly sleep?: { readonly idleMs: number; readonly kept: KeptDeclarations };
  /** Every end of a process, also one that was asked for. Runs before its open calls fail. */
  readonly onDeath: (death: ProcessDeath) => void;
}

export interface ProcessTransport extends Transport {
  /** Pids of the processes that live, each followed by those of what it has started. */
  readonly pids: readonly number[];
  /** Resolves when no process is left. */
  ended(): Promise<void>;
}

/** What Node needs beside the heap: its own code, the stacks, small buffers. */
const baseMb = 160;
const mebibyte = 2 ** 20;

const defaultLimits: Omit<ChildLimits, 'residentBytes'> = {
  pingEveryMs: 1_000,
  maxMissedPings: 3,
  measureEveryMs: 250,
  messagesPerSecond: 20_000,
  bytesPerSecond: 256 * mebibyte,
  exitMs: 1_500,
};

/** Starts a generation in a process of its own; a new one each time it is opened. */
export function createProcessTransport(options: ProcessTransportOptions): ProcessTransport {
  const { manifest, sleep } = options;
  const transport = createWakefulTransport(options);
  return sleep === undefined || manifest.idle === 'stay' ? transport : asleep(transport, options, sleep);
}

/** The same, with a process only while it is used. */
function asleep(
  transport: ProcessTransport,
  { entry, manifest: { name, limits }, hash, clock, log }: ProcessTransportOptions,
  { idleMs, kept }: NonNullable<ProcessTransportOptions['sleep']>,
): ProcessTransport {
  const ports: SleepingPort[] = [];
  return {
    get pids() {
      return transport.pids;
    },
    async ended() {
      await Promise.all(ports.map((port) => port.ended()));
      await transport.ended();
    },
    async open() {
      const port = new SleepingPort({
        plugin: name,
        open: () => transport.open(),
        clock,
        log,
        idleMs,
        startMs: limits.startMs,
        find: (setup) => kept.find(name, hash, setup) ?? findShipped(dirname(entry), setup),
        keep: (setup, ready) => kept.keep(name, hash, setup, ready),
      });
      ports.push(port);
      return port;
    },
  };
}

function createWakefulTransport(options: ProcessTransportOptions): ProcessTransport {
  const { manifest, entry } = options;
  const children = new Set<Child>();
  return {
    get pids() {
      return [...children].flatMap((child) => child.pids);
    },
    async ended() {
      await Promise.all([...children].map((child) => child.ended));
    },
    async open() {
      await options.verify?.();
      const child = await start(options);
      children.add(child);
      child.ended.then(() => children.delete(child));
      options.log.debug('process.started', { pid: child.pid, plugin: manifest.name, entry });
      return child;
    },
  };
}

async function start(options: ProcessTransportOptions): Promise<Child> {
  const { entry, manifest, generation, hash, permissions, paths, clock, registry, log, onDeath } = options;
  const plugin = manifest.name;
  const folder = dirname(entry);
  const identity = permissions.includes('shell') ? options.shellUser : undefined;
  const flags = nodeFlags({ manifest, permissions, paths, folder, isOtherUser: identity !== undefined });
  const environment = identity === undefined ? {} : settle(identity, plugin, folder, paths);
  const from = { entry, cwd: folder, environment, identity };
  const spawned = await spawnChild({ plugin, generation, flags, ...from, registry, log });
  const { process, pid, strikeOut } = spawned;
  return new Child(process, pid, {
    plugin,
    generation,
    hash,
    bundle: entry,
    clock,
    limits: {
      ...defaultLimits,
      residentBytes: (manifest.limits.memoryMb + baseMb) * mebibyte,
      ...options.limits,
    },
    mayStartProcesses: flags.includes('--allow-child-process'),
    onDeath(death) {
      try {
        onDeath(death);
        strikeOut();
      } catch (error) {
        log.error('process.death.failed', { pid, error: String(error) });
      }
    },
  });
}
