import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { definePlugin, type JsonObject, type PluginDefinition, type Schema } from '@clay/sdk';

/** A volume that several hosts have, one after another; removed when it is disposed. */
export interface Volume {
  readonly root: string;
  /** Writes files of the claw, by their path below its root. */
  write(files: Readonly<Record<string, string>>): void;
  remove(path: string): void;
  [Symbol.dispose](): void;
}

export function createVolume(settings: JsonObject = {}): Volume {
  const root = mkdtempSync(join(tmpdir(), 'clay-deployments-'));
  const volume: Volume = {
    root,
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
    },
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
  volume.write({ 'clay.json': JSON.stringify(settings) });
  return volume;
}

/** A module whose one tool, named after the plugin, says something. */
export function saying(name: string, says: string): string {
  const tool = name.replaceAll('-', '_');
  return `import { definePlugin } from '@clay/sdk';
export default definePlugin({
  name: '${name}',
  setup(ctx) {
    ctx.tool({ name: '${tool}', description: 'Says it.', parameters: { type: 'object' }, run: () => '${says}' });
  },
});
`;
}

/** The same, as it ships. */
export function shippedSaying(
  name: string,
  says: string,
  more: Partial<PluginDefinition<Schema>> = {},
): PluginDefinition<Schema> {
  return definePlugin<Schema>({
    name,
    ...more,
    setup(ctx) {
      ctx.tool({
        name: name.replaceAll('-', '_'),
        description: 'Says it.',
        parameters: { type: 'object' },
        run: () => says,
      });
    },
  });
}
