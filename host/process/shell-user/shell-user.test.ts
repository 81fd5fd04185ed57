import assert from 'node:assert/strict';
import { linkSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findShellUser, parseShellUser } from './find-shell-user.ts';
import { giveFolder } from './give-folder.ts';

const skip = process.getuid?.() !== 0 && 'skipped: not root';
const folder = mkdtempSync(join(tmpdir(), 'clay-shell-user-'));
after(() => rmSync(folder, { recursive: true }));

const passwd = 'root:x:0:0:root:/root:/bin/bash\nshell:x:990:991:Shell:/nonexistent:/usr/sbin/nologin\n';

test('a second user is told by name, by uid or by uid and gid', () => {
  assert.deepEqual(parseShellUser('shell', passwd), { uid: 990, gid: 991 });
  assert.deepEqual(parseShellUser('990', passwd), { uid: 990, gid: 991 });
  assert.deepEqual(parseShellUser('990:5', passwd), { uid: 990, gid: 5 });
  assert.deepEqual(parseShellUser('61234', passwd), { uid: 61_234, gid: 61_234 });
  for (const text of ['nobody-here', '', '1:', '-1', '1:x']) assert.equal(parseShellUser(text, passwd), null, text);
});

test('a user that would be no second one is refused, with what to do', () => {
  assert.throws(() => findShellUser('root'), /REFUSED|must be others than root's and the host's own/);
  assert.throws(() => findShellUser(`61234:${process.getgid?.()}`), /must be others than root's and the host's own/);
  assert.throws(() => findShellUser('nobody-here'), /names no user of this machine/);
});

test('a host that may not start processes as another user says so', { skip }, () => {
  process.seteuid?.(61_234);
  try {
    assert.throws(() => findShellUser('61235'), /lacks CHOWN.*Start the host as root/);
  } finally {
    process.seteuid?.(0);
  }
});

test('a folder becomes the user’s own, but nothing that it only names', { skip }, () => {
  const user = { uid: 61_234, gid: 61_234 };
  const [given, state] = [join(folder, 'given'), join(folder, 'state')];
  for (const place of [join(given, 'inner'), state]) mkdirSync(place, { recursive: true });
  for (const file of [join(given, 'inner', 'a'), join(state, 'token'), join(state, 'linked')]) writeFileSync(file, '');
  symlinkSync(state, join(given, 'link'));
  symlinkSync(join(state, 'token'), join(given, 'file'));
  linkSync(join(state, 'linked'), join(given, 'second-name'));
  giveFolder(given, user);
  const owner = (path: string) => statSync(join(folder, path)).uid;
  assert.deepEqual(['given', 'given/inner', 'given/inner/a'].map(owner), [61_234, 61_234, 61_234]);
  assert.deepEqual(['state', 'state/token', 'state/linked'].map(owner), [0, 0, 0]);
  assert.throws(() => giveFolder(join(given, 'link'), user), { code: 'ENOTDIR' });
});
