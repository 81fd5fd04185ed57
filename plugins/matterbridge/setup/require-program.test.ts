import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireProgram } from './require-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-program-'));
after(() => rmSync(folder, { recursive: true }));

test('a program on the PATH will do, and one that MATTERBRIDGE_BIN names', () => {
  writeFileSync(join(folder, 'matterbridge'), '');
  chmodSync(join(folder, 'matterbridge'), 0o700);
  requireProgram({ PATH: `/nowhere:${folder}` });
  requireProgram({ PATH: '', MATTERBRIDGE_BIN: process.execPath });
});

test('where there is none, it is told how to get it and how to do without', () => {
  const file = join(folder, 'not-executable');
  writeFileSync(file, '', { mode: 0o600 });
  for (const environment of [
    {},
    { PATH: '/nowhere' },
    { MATTERBRIDGE_BIN: file },
    { MATTERBRIDGE_BIN: 'matterbridge' },
  ])
    assert.throws(() => requireProgram(environment), {
      code: 'NOT_FOUND',
      message: /apk add matterbridge.*MATTERBRIDGE_BIN.*CHAT_CONNECTOR=telegram/,
    });
});
