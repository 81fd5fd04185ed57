import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findToken, tokenFile } from './token-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-token-'));
after(() => rmSync(folder, { recursive: true }));

test('a token is made once, kept with mode 0600, and found again', () => {
  const data = join(folder, 'first');
  const made = findToken(null, data);
  assert.equal(made.isNew, true);
  assert.ok(made.value.length >= 43);
  assert.equal(statSync(tokenFile(data)).mode & 0o777, 0o600);
  assert.equal(readFileSync(tokenFile(data), 'utf8'), `${made.value}\n`);
  assert.deepEqual(findToken(null, data), { value: made.value, isNew: false, from: 'file', wasExposed: false });
});

test('the token of the environment wins over the file', () => {
  const data = join(folder, 'second');
  findToken(null, data);
  assert.equal(findToken('from-the-environment', data).value, 'from-the-environment');
});

test('a token file that others could read is closed to them, and that is told', () => {
  const data = join(folder, 'third');
  findToken(null, data);
  chmodSync(tokenFile(data), 0o644);
  assert.equal(findToken(null, data).wasExposed, true);
  assert.equal(statSync(tokenFile(data)).mode & 0o777, 0o600);
});

test('a token that could be guessed or sent wrongly is refused with its name, not its value', () => {
  assert.throws(() => findToken('short', folder), /CLAY_TOKEN has 5 characters/);
  assert.throws(() => findToken('twenty characters with spaces', folder), /CLAY_TOKEN has white space/);
  const data = join(folder, 'fourth');
  findToken(null, data);
  writeFileSync(tokenFile(data), '');
  assert.throws(() => findToken(null, data), /token has 0 characters/);
});
