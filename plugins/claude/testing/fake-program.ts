import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A program as the real one is found: one file that can be started. */
export function fakeProgram(root: string): string {
  const file = join(root, 'bin', 'claude');
  if (existsSync(file)) return file;
  mkdirSync(dirname(file), { recursive: true });
  const script = join(import.meta.dirname, 'fake-claude.ts');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(file, 0o755);
  return file;
}
