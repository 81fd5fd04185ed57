import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject, Log } from '@clay/sdk';
import { systemClock } from '../../../clock.ts';
import type { Kernel } from '../../../kernel/kernel.ts';
import { type FixtureOptions, startKernel, toolPlugin } from '../../../kernel/testing/kernel-fixture.ts';
import { openChildRegistry } from '../../../process/child-registry.ts';
import type { Lanes } from '../../lanes.ts';
import { createLanes } from '../../pool/create-lanes.ts';
import { createExtensions, type ExtensionsOptions } from '../create-extensions.ts';
import { loadExtension } from '../extension-build.ts';
import { extensionServices } from '../extension-services.ts';
import type { Extensions, SaveReport } from '../extensions.ts';

export interface ClawOptions extends Partial<ExtensionsOptions> {
  /** A volume that is there already. Default: a new one. It is removed at the end. */
  readonly root?: string;
  /** Default 60,000. */
  readonly probationMs?: number;
  readonly kernel?: FixtureOptions;
}

/** A host with real files, a real kernel and real lanes, in which a plugin `shipped` has the tool `taken`. */
export interface Claw {
  readonly extensions: Extensions;
  readonly folder: string;
  readonly root: string;
  readonly medic: Kernel['medic'];
  readonly reports: readonly SaveReport[];
  save(name: string, source: string): void;
  /** The `count`th report of a name. */
  report(name: string, count?: number): Promise<SaveReport>;
  tool(name: string, args?: JsonObject): Promise<Json>;
  service(name: string, args?: JsonObject): Promise<Json>;
  tools(): readonly string[];
  /** Stops the host and leaves its volume. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Lanes for all tests of a file: a process each is what takes time. */
export function openLanes(): Lanes & AsyncDisposable {
  const children = mkdtempSync(join(tmpdir(), 'clay-lanes-'));
  const lanes = createLanes({ clock: systemClock, log: silentLog, registry: openChildRegistry(children) });
  return {
    inspect: (script, signal) => lanes.inspect(script, signal),
    transport: (script, life) => lanes.transport(script, life),
    list: () => lanes.list(),
    close: () => lanes.close(),
    async [Symbol.asyncDispose]() {
      await lanes.close();
      rmSync(children, { recursive: true });
    },
  };
}

export async function openClaw(lanes: Lanes, options: ClawOptions = {}): Promise<Claw> {
  const {
    root = mkdtempSync(join(tmpdir(), 'clay-extensions-')),
    probationMs = 60_000,
    kernel: more,
    ...own
  } = options;
  const folder = join(root, 'data', 'extensions');
  const generations = join(root, 'data', 'generations');
  mkdirSync(join(root, 'data'), { recursive: true });
  const reports: SaveReport[] = [];
  const wakes = new Set<() => void>();
  const fixture = await startKernel([toolPlugin('shipped', 'taken', () => 'mine')], {
    root,
    clock: systemClock,
    load: (plugin, generation) => loadExtension({ lanes, generations }, plugin, generation),
    rules: { probationMs },
    ...more,
  });
  const { kernel } = fixture;
  const extensions = createExtensions({
    folder,
    generations,
    lanes,
    medic: kernel.medic,
    call: (request) => kernel.router.call(request),
    clock: systemClock,
    log: silentLog,
    hello: null,
    ownerOf: (name) => (name === 'shipped' ? 'a plugin that ships with Clay' : null),
    onReport(report) {
      reports.push(report);
      for (const wake of wakes) wake();
    },
    ...own,
  });
  const services = new Map(extensionServices(extensions).map((one) => [one.name, one]));
  await kernel.settled();
  await extensions.start();
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    await extensions.close();
    await fixture.stop();
  };
  return {
    extensions,
    folder,
    root,
    reports,
    medic: kernel.medic,
    save: (name, source) => writeFileSync(join(folder, `${name}.star`), source),
    async report(name, count = 1) {
      for (;;) {
        const found = reports.filter((one) => one.name === name)[count - 1];
        if (found !== undefined) return found;
        const { promise, resolve } = Promise.withResolvers<void>();
        wakes.add(resolve);
        await promise;
        wakes.delete(resolve);
      }
    },
    tool: (name, args = {}) => kernel.router.call({ capability: `tool:${name}`, args, caller: 'test' }),
    service: async (name, args = {}) =>
      services.get(`extensions.${name}`)!.run(args, {
        id: 'call-1',
        key: 'call-1',
        attempt: 1,
        capability: `service:extensions.${name}`,
        args,
        caller: 'plugin:extensions',
        timeoutMs: 10_000,
        session: null,
      }),
    tools: () => kernel.registry.list('tool').map((one) => one.name),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
