import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { frontPage } from './front-page.ts';

/** Makes the public folder of a new claw. A folder with anything in it, or one that was emptied later, is left as it is. */
export function layOutPublicFolder(folder: string, isNewClaw: boolean): void {
  mkdirSync(folder, { recursive: true });
  if (!isNewClaw || readdirSync(folder).length > 0) return;
  writeFileSync(join(folder, 'index.html'), frontPage, { flag: 'wx' });
  writeFileSync(join(folder, 'activity.json'), '[]\n', { flag: 'wx' });
}
