import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Readable by its owner alone; never half written. Gives the path. */
export function writeToml(dataFolder: string, text: string): string {
  const folder = join(dataFolder, 'matterbridge');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'matterbridge.toml');
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o600 });
  // A draft that was left there keeps its old mode.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
  return file;
}
