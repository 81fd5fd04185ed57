import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ClayError } from '@clay/sdk';

/** What a lane's process is started with. */
export interface LaneEntry {
  readonly file: string;
  /** Folders that hold its code: all that it may read. */
  readonly folders: readonly string[];
}

/** The entry of the lanes: `lane.mjs` beside the running bundle, else the source in a checkout. */
export function laneEntry(): LaneEntry {
  const here = import.meta.dirname;
  const bundled = join(here, 'lane.mjs');
  if (existsSync(bundled)) return { file: bundled, folders: [here] };
  const source = join(dirname(here), 'lane', 'main.ts');
  if (!existsSync(source)) {
    throw new ClayError('UNAVAILABLE', `There is neither ${bundled} nor ${source}: scripts have nothing to run in.`);
  }
  const root = join(here, '..', '..', '..');
  const packages = ['host', 'sdk', 'starlark-js', 'starlark-stdlib', 'node_modules'];
  return { file: source, folders: packages.map((name) => join(root, name)) };
}
