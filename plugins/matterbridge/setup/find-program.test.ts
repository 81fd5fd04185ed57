import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findProgram } from './find-program.ts';

const data = mkdtempSync(join(tmpdir(), 'clay-program-'));
after(() => rmSync(data, { recursive: true }));

const release = join(data, 'matterbridge-1.26.0-linux-64bit');
writeFileSync(release, '');
chmodSync(release, 0o700);

test('a program on the PATH is found there', () => {
  const folder = mkdtempSync(join(data, 'path-'));
  writeFileSync(join(folder, 'matterbridge'), '');
  chmodSync(join(folder, 'matterbridge'), 0o700);
  assert.deepEqual(findProgram(data, { PATH: `/nowhere:${folder}` }), {});
});

test('one that MATTERBRIDGE_BIN names is found by the name that the permission has, whatever its file is called', () => {
  for (const target of [process.execPath, release]) {
    const { PATH } = findProgram(data, { PATH: '', MATTERBRIDGE_BIN: target });
    assert.equal(readlinkSync(join(PATH!, 'matterbridge')), target);
  }
});

test('where there is none, it is told how to get it and how to do without', () => {
  const file = join(data, 'not-executable');
  writeFileSync(file, '', { mode: 0o600 });
  for (const environment of [
    {},
    { PATH: '/nowhere' },
    { MATTERBRIDGE_BIN: file },
    { MATTERBRIDGE_BIN: 'matterbridge' },
  ])
    assert.throws(() => findProgram(data, environment), {
      code: 'NOT_FOUND',
      message: /apk add matterbridge.*MATTERBRIDGE_BIN.*CHAT_CONNECTOR=telegram/,
    });
});
