import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startClaw } from '../../host/testing/claw.ts';
import { TestHost } from '../testing/host.ts';

const tenant = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';

async function talk(url: string, folder: string, text: string): Promise<string> {
  const token = readFileSync(join(folder, 'data', 'token'), 'utf8').trim();
  const answer = await fetch(`${url}/msg`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ text, user_id: 'ann' }),
  });
  const body = await answer.text();
  assert.equal(answer.status, 200, body);
  return body;
}

async function sessions(url: string, folder: string): Promise<readonly { readonly id: string }[]> {
  const token = readFileSync(join(folder, 'data', 'token'), 'utf8').trim();
  const answer = await fetch(`${url}/api/apps/clay/users/ann/sessions`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return JSON.parse(await answer.text());
}

test('a real claw is backed up, restored into an empty place, and answers there as the same one', async () => {
  using host = new TestHost();
  const [first, second] = [join(host.folder, 'first'), join(host.folder, 'second')];
  const file = join(host.folder, 'claw.tar');
  const before: { readonly id: string }[] = [];
  {
    await using claw = await startClaw({}, first);
    await talk(claw.publicUrl, first, 'remember me');
    before.push(...(await sessions(claw.url, first)));
    const refused = await host.admin(['backup', 'alice', '--folder', first, '--tenant', tenant, '--to', file]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /runs \(process \d+\); stop it first/);
  }
  await host.must('backup', 'alice', '--folder', first, '--tenant', tenant, '--to', file);
  await host.must('restore', 'alice', file, '--folder', second);
  for (const name of ['token', 'identity.pem']) {
    assert.deepEqual(readFileSync(join(second, 'data', name)), readFileSync(join(first, 'data', name)));
    assert.equal(statSync(join(second, 'data', name)).mode & 0o777, 0o600);
  }
  await using claw = await startClaw({}, second);
  assert.match(await talk(claw.publicUrl, second, 'and now?'), /"text"/);
  const ids = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);
  assert.equal(before.length, 1);
  assert.deepEqual(ids(await sessions(claw.url, second)), ids(before), 'the conversation of before goes on');
  const refused = await host.admin(['restore', 'alice', file, '--folder', second]);
  assert.equal(refused.code, 1);
});
