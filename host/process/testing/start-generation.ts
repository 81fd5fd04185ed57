import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ClayError,
  type Clock,
  type Json,
  type JsonObject,
  type Log,
  type Paths,
  type PluginDefinition,
} from '@clay/sdk';
import type { CallOut, Fault } from '@clay/sdk/wire';
import { systemClock } from '../../clock.ts';
import { Generation } from '../../generations/generation.ts';
import { createHostFunctions } from '../../generations/host-functions.ts';
import { createInlineTransport } from '../../generations/inline-transport.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { parseManifest } from '../../manifest/parse-manifest.ts';
import { createFileAccess } from '../../policy/files/file-access.ts';
import { createOutboundHttp, type OutboundHttpOptions } from '../../policy/outbound-http.ts';
import { openStore } from '../../store/open-store.ts';
import type { PluginStore } from '../../store/plugin-storage.ts';
import { type ChildRegistry, openChildRegistry } from '../child-registry.ts';
import type { ProcessDeath } from '../process-death.ts';
import { createProcessTransport, type ProcessTransport, type ProcessTransportOptions } from '../process-transport.ts';

/** A volume of a test: its folders, its store, its journal and its children. */
export interface TestVolume {
  readonly root: string;
  readonly paths: Paths;
  readonly store: ReturnType<typeof openStore>;
  readonly journal: ReturnType<typeof openJournal>;
  readonly registry: ChildRegistry;
  /** Every generation that was started on it is stopped first. */
  [Symbol.asyncDispose](): Promise<void>;
  readonly started: StartedGeneration[];
}

export interface StartedGeneration {
  readonly generation: Generation;
  /** Null when it runs inline. */
  readonly transport: ProcessTransport | null;
  readonly faults: readonly Fault[];
  readonly deaths: readonly ProcessDeath[];
  readonly logs: readonly JsonObject[];
  /** Resolves with the next line of this event in its log. */
  logged(event: string): Promise<void>;
  /** The next death; the one that there was already. */
  death(): Promise<ProcessDeath>;
  stage(): Promise<void>;
  /** Probes it and lets it take calls. */
  live(): Promise<void>;
  call(capability: string, args?: Json, more?: Partial<CallOut>): Promise<Json>;
  stop(graceMs?: number): Promise<void>;
}

export interface StartOptions {
  readonly manifest: JsonObject;
  /** The file of a built plugin, or its definition. The placement follows from it. */
  readonly plugin: string | PluginDefinition;
  readonly config?: JsonObject;
  /** What capabilities of others answer, by full name. Default: nobody provides any. */
  readonly provided?: JsonObject;
  readonly generation?: number;
  /** Which addresses it may reach. Default: public ones. */
  readonly http?: Partial<OutboundHttpOptions>;
  readonly clock?: Clock;
  readonly process?: Partial<Pick<ProcessTransportOptions, 'limits' | 'shellUser' | 'verify' | 'sleep'>>;
}

export function openVolume(): TestVolume {
  const root = mkdtempSync(join(tmpdir(), 'clay-process-'));
  const data = join(root, 'data');
  const file = (name: string) => join(data, name);
  const paths = { root, data, soul: join(root, 'soul'), public: join(root, 'public'), extensions: file('extensions') };
  for (const folder of Object.values(paths)) mkdirSync(folder, { recursive: true });
  const clock = systemClock;
  const store = openStore({ database: file('messages.db'), data, backups: file('backups'), keepBackups: 1, clock });
  const journal = openJournal({ file: file('journal.db'), clock });
  const started: StartedGeneration[] = [];
  return {
    root,
    paths,
    store,
    journal,
    registry: openChildRegistry(file('children')),
    started,
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((one) => one.stop(0)));
      await Promise.all(started.map((one) => one.transport?.ended()));
      journal.close();
      store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Makes a generation over one of the two transports, with the host's own functions behind it. */
export function createGeneration(volume: TestVolume, options: StartOptions): StartedGeneration {
  const parsed = parseManifest(options.manifest);
  if ('problems' in parsed) throw new ClayError('BAD_ARGUMENTS', JSON.stringify(parsed.problems));
  const { manifest } = parsed;
  const { permissions } = manifest;
  const number = options.generation ?? 1;
  const clock = options.clock ?? systemClock;
  const logs: JsonObject[] = [];
  const faults: Fault[] = [];
  const deaths: ProcessDeath[] = [];
  const waiting: ((death: ProcessDeath) => void)[] = [];
  const listening = new Map<string, () => void>();
  const log = listLog(logs, (event) => listening.get(event)?.());
  const { plugin } = options;
  const transport =
    typeof plugin === 'string'
      ? createProcessTransport({
          entry: plugin,
          manifest,
          generation: number,
          hash: `hash-${manifest.name}`,
          permissions,
          paths: volume.paths,
          clock,
          log,
          registry: volume.registry,
          onDeath(death) {
            deaths.push(death);
            for (const wake of waiting.splice(0)) wake(death);
          },
          ...options.process,
        })
      : null;
  let store: PluginStore | null = null;
  let lastCall = 0;
  const generation = new Generation({
    manifest,
    number,
    hash: `hash-${manifest.name}`,
    transport: transport ?? createInlineTransport(manifest.name, async () => plugin as PluginDefinition, clock),
    clock,
    log,
    serve: createHostFunctions({
      manifest,
      origin: 'image',
      permissions,
      store: () => {
        store ??= volume.store.plugins.for(manifest.name, manifest.tables);
        return store;
      },
      call: async ({ capability }) => {
        const answer = options.provided?.[capability];
        if (answer !== undefined) return answer;
        throw new ClayError('CAPABILITY_UNKNOWN', `Nobody provides ${capability}.`);
      },
      http: createOutboundHttp({ secret: () => undefined, clock, ...options.http }),
      files: createFileAccess({ paths: volume.paths }),
      secret: () => undefined,
      clock,
    }),
    onFault: (fault) => faults.push(fault),
  });
  const started: StartedGeneration = {
    generation,
    transport,
    faults,
    deaths,
    logs,
    logged: (event) => new Promise((resolve) => listening.set(event, resolve)),
    death: () =>
      deaths[0] === undefined
        ? new Promise((resolve) => {
            waiting.push(resolve);
          })
        : Promise.resolve(deaths[0]),
    stage: () => generation.stage({ config: options.config ?? {}, paths: volume.paths, secrets: [] }),
    async live() {
      const { migrations } = generation.ready;
      if (migrations.length > 0) volume.store.plugins.for(manifest.name, manifest.tables).migrate(migrations);
      await generation.probe();
      await generation.live();
    },
    call: (capability, args = {}, more = {}) => {
      const id = `call-${++lastCall}`;
      const call = { id, key: id, attempt: 1, caller: 'test', timeoutMs: 10_000, session: null };
      return generation.call({ ...call, capability, args, ...more });
    },
    stop: (graceMs = 1_000) => generation.stop(graceMs),
  };
  volume.started.push(started);
  return started;
}

function listLog(lines: JsonObject[], hear: (event: string) => void): Log {
  const write =
    (level: string) =>
    (event: string, fields: JsonObject = {}) => {
      lines.push({ ...fields, level, event });
      hear(event);
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
