import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The start of a plugin that does nothing yet. */
export const emptyPlugin =
  "import { definePlugin } from '@clay/sdk';\nexport default definePlugin({ name: 'x', setup() {} });\n";

/** Sources in memory. */
export function sources(files: Readonly<Record<string, string | Uint8Array>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
}

/** Sources on disk, in a folder of their own that is removed when it is disposed. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const base = mkdtempSync(join(tmpdir(), 'clay-builder-'));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, path)), { recursive: true });
    writeFileSync(join(base, path), content);
  }
  return { path: base, [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }) };
}

/** The error of what must fail. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<Error & { code: string; details: { output?: string; phase?: string } }> {
  try {
    await work;
  } catch (error) {
    return error as Error & { code: string; details: { output?: string } };
  }
  throw new Error('It did not fail.');
}
