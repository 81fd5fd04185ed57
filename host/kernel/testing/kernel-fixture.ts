import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, type JsonObject, type Log, type PluginDefinition, type Schema } from '@clay/sdk';
import { createFakeClock, type FakeClock } from '@clay/sdk/testing';
import type { Journal } from '../../journal/journal.ts';
import { openJournal } from '../../journal/open-journal.ts';
import { openStore } from '../../store/open-store.ts';
import { createKernel, type KernelOptions } from '../create-kernel.ts';
import type { Kernel } from '../kernel.ts';
import type { PluginSource } from '../plugin-source.ts';

export interface Line extends JsonObject {
  readonly level: string;
  readonly event: string;
}

export interface KernelFixture {
  readonly kernel: Kernel;
  readonly journal: Journal;
  readonly clock: FakeClock;
  readonly log: readonly Line[];
  readonly root: string;
  /** Stops the host and leaves its volume. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FixtureOptions extends Partial<KernelOptions> {
  /** A volume that is there already. Default: a new one, removed at the end. */
  readonly root?: string;
  /** Each plugin's section of `clay.json`. */
  readonly configs?: Readonly<Record<string, JsonObject>>;
  readonly ceilings?: Readonly<Record<string, readonly string[]>>;
}

/** A kernel on a volume of its own, with these plugins started. */
export async function startKernel(
  plugins: readonly (PluginSource | PluginDefinition<Schema>)[],
  options: FixtureOptions = {},
): Promise<KernelFixture> {
  const root = options.root ?? mkdtempSync(join(tmpdir(), 'clay-kernel-'));
  const clock = createFakeClock();
  const data = join(root, 'data');
  const file = (name: string) => join(data, name);
  const store = openStore({ database: file('messages.db'), data, backups: file('backups'), keepBackups: 1, clock });
  const journal = openJournal({ file: file('journal.db'), clock });
  const log: Line[] = [];
  const paths = { root, data, soul: join(root, 'soul'), public: join(root, 'public'), extensions: file('extensions') };
  const config = {
    paths: paths as KernelOptions['config']['paths'],
    plugins: options.configs ?? {},
    ceilings: options.ceilings ?? {},
    shell: 'ask' as const,
    workFolder: null,
    telegram: { token: 'bot-token', chatId: null, allowedUsers: [], connector: 'telegram' as const },
    claudeCode: { program: null, hasModel: false },
    heartbeat: { interval: null },
    platform: { baseUrl: null, agentId: null },
    mcp: { variables: {} },
  };
  const kernel = createKernel({ config, store, journal, clock, log: listLog(log), ...options });
  await kernel.start(plugins.map((one) => ('load' in one ? one : sourceOf(one))));
  const stop = async () => {
    await kernel.stop(0);
    journal.close();
    store.close();
  };
  return {
    kernel,
    journal,
    clock,
    log,
    root,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      if (options.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A plugin that ships in the image, whose manifest is its definition. */
export function sourceOf(definition: PluginDefinition<Schema>, more: Partial<PluginSource> = {}): PluginSource {
  return {
    name: definition.name,
    origin: 'image',
    manifest: null,
    load: async () => definition as PluginDefinition,
    ...more,
  };
}

/** A plugin with one tool that gives what `run` gives. */
export function toolPlugin(
  name: string,
  tool: string,
  run: (args: Record<string, unknown>) => unknown,
  more: Partial<PluginDefinition<Schema>> = {},
): PluginDefinition<Schema> {
  return definePlugin<Schema>({
    name,
    ...more,
    setup(ctx) {
      ctx.tool({ name: tool, description: tool, parameters: { type: 'object' }, run: (args) => run(args) });
    },
  });
}

export function listLog(lines: Line[]): Log {
  const write =
    (level: string) =>
    (event: string, fields: JsonObject = {}) => {
      lines.push({ ...fields, level, event });
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
