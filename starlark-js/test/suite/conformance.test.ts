import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findStarlarkGo, skipWithout } from '../peer/component.ts';
import { runFile } from '../peer/starlark-go.ts';
import { runSource } from '../peer/starlark-js.ts';
import { judge, readConformance } from './conformance-files.ts';

const FOLDERS = [
  { folder: 'conformance', dialect: 'strict' },
  { folder: 'dialect', dialect: 'all' },
  { folder: 'extensions', dialect: 'default' },
] as const;

for (const { folder, dialect } of FOLDERS) {
  describe(`the programs of suite/${folder} behave as they say`, () => {
    for (const chunk of readConformance(folder)) {
      test(chunk.name, () => {
        const verdict = judge(chunk, runSource(chunk.program, { dialect }).error);
        assert.equal(verdict, null, `${chunk.name}: ${verdict}\n${chunk.source}`);
      });
    }
  });
}

const go = findStarlarkGo();
test('starlark-go agrees with the programs of suite/', { skip: skipWithout(go) }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'starlark-conformance-'));
  const file = join(folder, 'chunk.star');
  try {
    for (const { folder, dialect } of FOLDERS) {
      for (const chunk of readConformance(folder)) {
        if (chunk.goDiffers || dialect === 'default') continue;
        writeFileSync(file, chunk.program);
        const verdict = judge(chunk, runFile(go.path!, file, dialect).error);
        assert.equal(verdict, null, `${chunk.name}: ${verdict}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
