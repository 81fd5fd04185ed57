import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxArtifactBytes } from './sqlite-artifact-store.ts';
import { temporaryStore } from './testing/temporary-store.ts';

const session = { app: 'clay', user: 'ann', session: 's1' };
const key = { ...session, name: 'report.txt' };

test('every save is a version, and each can be read', (t) => {
  const { artifacts } = temporaryStore(t);
  artifacts.save(key, { text: 'first' });
  const second = artifacts.save(key, { text: 'zweite ✓' }, { tool: 'bash' });
  assert.deepEqual([second.version, second.mimeType, second.sizeBytes], [1, 'text/plain', 10]);
  assert.deepEqual(artifacts.load(key)?.content, { text: 'zweite ✓', mimeType: 'text/plain' });
  assert.deepEqual(artifacts.load(key)?.metadata, { tool: 'bash' });
  assert.deepEqual(artifacts.load(key, 0)?.content, { text: 'first', mimeType: 'text/plain' });
  assert.equal(artifacts.load(key, 2), undefined);
  assert.deepEqual(
    artifacts.versions(key).map((version) => version.version),
    [0, 1],
  );
});

test('bytes come back as they were', (t) => {
  const { artifacts } = temporaryStore(t);
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  artifacts.save({ ...key, name: 'a/image.png' }, { bytes, mimeType: 'image/png' });
  const content = artifacts.load({ ...key, name: 'a/image.png' })?.content;
  assert.ok(content !== undefined && 'bytes' in content);
  assert.deepEqual(new Uint8Array(content.bytes), bytes);
  assert.throws(() => artifacts.slice({ ...key, name: 'a/image.png' }, { start: 0, length: 1 }), /image\/png/);
});

test('a long text is read in parts', (t) => {
  const { artifacts } = temporaryStore(t);
  artifacts.save(key, { text: 'abcdef' });
  assert.deepEqual(artifacts.slice(key, { start: 2, length: 3 }), { text: 'cde', totalLength: 6 });
  assert.deepEqual(artifacts.slice(key, { start: 9, length: 3 }), { text: '', totalLength: 6 });
  assert.equal(artifacts.slice({ ...key, name: 'none' }, { start: 0, length: 1 }), undefined);
});

test('an artifact of the user is seen from all of the user’s sessions, and from no other user', (t) => {
  const { artifacts } = temporaryStore(t);
  artifacts.save({ ...key, name: 'user:notes.md' }, { text: 'mine' });
  artifacts.save(key, { text: 'here' });
  assert.deepEqual(artifacts.list(session), ['report.txt', 'user:notes.md']);
  assert.deepEqual(artifacts.list({ ...session, session: 's2' }), ['user:notes.md']);
  assert.deepEqual(artifacts.list({ ...session, user: 'ben' }), []);
  assert.equal(artifacts.delete({ ...key, session: 's9', name: 'user:notes.md' }), true);
  assert.deepEqual(artifacts.list(session), ['report.txt']);
});

test('unsafe names and oversized contents are refused', (t) => {
  const { artifacts } = temporaryStore(t);
  for (const name of ['', 'user:', '../x', 'a/../../x', '/etc/passwd', 'a\\b', 'a\u0000b', 'x'.repeat(600)]) {
    assert.throws(
      () => artifacts.save({ ...key, name }, { text: '' }),
      { code: 'BAD_ARGUMENTS' },
      JSON.stringify(name),
    );
  }
  artifacts.save({ ...key, name: '__proto__' }, { text: 'fine' });
  assert.deepEqual(artifacts.list(session), ['__proto__']);
  const bytes = new Uint8Array(maxArtifactBytes + 1);
  assert.throws(() => artifacts.save(key, { bytes, mimeType: 'x/y' }), { code: 'TOO_LARGE' });
});
