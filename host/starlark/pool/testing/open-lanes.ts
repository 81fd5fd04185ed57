import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClayError, Json, JsonObject, Log } from '@clay/sdk';
import { type CallOut, type Fault, HostConnection, type ServedAnswer, type ServedRequest } from '@clay/sdk/wire';
import { systemClock } from '../../../clock.ts';
import type { BuildTransport, Death } from '../../../generations/build.ts';
import { openChildRegistry } from '../../../process/child-registry.ts';
import type { Lanes } from '../../lanes.ts';
import type { Script } from '../../script/script.ts';
import { createLanes, type LanesOptions } from '../create-lanes.ts';
import { laneEntry } from '../lane-entry.ts';

/** Lanes of a test, whose scripts are JavaScript: see `attack-lane.ts`. */
export interface TestLanes {
  readonly lanes: Lanes;
  readonly children: string;
  readonly logs: readonly JsonObject[];
  /** Opens a script and takes it live. */
  open(name: string, source: string, options?: OpenOptions): Promise<OpenScript>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenOptions {
  readonly serve?: (request: ServedRequest) => Promise<ServedAnswer>;
  readonly generation?: number;
}

export interface OpenScript {
  readonly connection: HostConnection;
  readonly transport: BuildTransport;
  readonly deaths: readonly Death[];
  readonly faults: readonly Fault[];
  /** The next death, or the one that there was. */
  death(): Promise<Death>;
  call(capability?: string, args?: Json, more?: Partial<CallOut>): Promise<Json>;
}

export function script(name: string, source: string): Script {
  return { name, source, hash: createHash('sha256').update(source).digest('hex') };
}

/** A script whose tool of its own name runs `body`, in which `args`, `call` and `ctx` are known. */
export function tool(name: string, body: string): string {
  return `ctx.tool({ name: '${name}', description: 'Runs.', parameters: { type: 'object' }, async run(args, call) { ${body} } });`;
}

export const attackEntry = {
  file: join(import.meta.dirname, 'attack-lane.ts'),
  folders: laneEntry().folders,
};

export function openLanes(options: Partial<LanesOptions> = {}): TestLanes {
  const folder = mkdtempSync(join(tmpdir(), 'clay-lanes-'));
  const logs: JsonObject[] = [];
  const lanes = createLanes({
    clock: systemClock,
    log: listLog(logs),
    registry: openChildRegistry(folder),
    entry: attackEntry,
    ...options,
  });
  let calls = 0;
  return {
    lanes,
    children: folder,
    logs,
    async open(name, source, { serve = async () => ({ value: null }), generation = 1 } = {}) {
      const deaths: Death[] = [];
      const faults: Fault[] = [];
      const died = Promise.withResolvers<Death>();
      const transport = lanes.transport(script(name, source), {
        generation,
        permissions: [],
        onDeath(death) {
          deaths.push(death);
          died.resolve(death);
        },
      });
      const connection = new HostConnection(await transport.open(), systemClock, {
        serve,
        log: ({ event, fields }) => logs.push({ event, ...fields }),
        fault: (fault) => faults.push(fault),
      });
      const paths = { root: '', data: '', soul: '', public: '', extensions: '' };
      await connection.start(
        { plugin: name, version: '1.0.0', generation },
        { config: {}, paths, secrets: [] },
        20_000,
      );
      await connection.live(10_000);
      return {
        connection,
        transport,
        deaths,
        faults,
        death: () => died.promise,
        call(capability = `tool:${name}`, args = {}, more = {}) {
          const id = `call-${++calls}`;
          const call = { id, key: id, attempt: 1, caller: 'test', timeoutMs: 20_000, session: null };
          return connection.call({ ...call, capability, args, ...more });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await lanes.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a step fails with. */
export async function failing(step: Promise<unknown>): Promise<ClayError> {
  return step.then(
    (value): never => {
      throw new Error(`It did not fail; it gave ${JSON.stringify(value)}.`);
    },
    (error: ClayError) => error,
  );
}

function listLog(lines: JsonObject[]): Log {
  const write =
    (level: string) =>
    (event: string, fields: JsonObject = {}) => {
      lines.push({ ...fields, level, event });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
