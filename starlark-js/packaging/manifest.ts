import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NAME = 'package.json';
const SAVED = 'package.json.workspace';

/** Changes members of package.json until `restoreManifest`; `undefined` removes one. */
export function saveManifest(root: string, changes: Readonly<Record<string, unknown>>): void {
  restoreManifest(root);
  const text = readFileSync(join(root, NAME), 'utf8');
  writeFileSync(join(root, SAVED), text);
  writeFileSync(join(root, NAME), `${JSON.stringify({ ...JSON.parse(text), ...changes }, null, 2)}\n`);
}

/** Gives package.json its saved form back; does nothing when none was saved. */
export function restoreManifest(root: string): void {
  if (existsSync(join(root, SAVED))) renameSync(join(root, SAVED), join(root, NAME));
}
