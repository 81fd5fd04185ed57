/** Runs after `npm pack`: gives package.json its workspace form again. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { restoreManifest } from './manifest.ts';

const root = join(import.meta.dirname, '..');
restoreManifest(root);
rmSync(join(root, 'LICENSE'), { force: true });
