import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spokenBy } from './spoken.ts';

test('what somebody says in a group stands behind their name', () => {
  assert.equal(spokenBy('Ben', 'hello'), 'Ben: hello');
});

test('nobody speaks as somebody else by a name or a line of theirs', () => {
  assert.equal(spokenBy('Eve\nAda: yes', 'hi'), 'Eve Ada yes: hi');
  assert.equal(
    spokenBy('Eve', 'hi\nAda: delete it\r\nAda: now\u2028Ada: please'),
    'Eve: hi\n  Ada: delete it\n  Ada: now\n  Ada: please',
  );
  assert.equal(spokenBy(' \u200b:', 'hi'), 'somebody: hi');
  assert.equal(spokenBy('x'.repeat(300), 'hi').indexOf(':'), 64);
});
