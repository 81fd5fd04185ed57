import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../clock.ts';
import { launch } from '../launch.mjs';
import { Connection } from '../store/connection.ts';
import { hostMigrations } from '../store/host-migrations.ts';
import { hashOf } from '../store/migrate.ts';
import { startClaw } from '../testing/claw.ts';
import { clay } from '../testing/clay.ts';
import { post } from '../testing/http.ts';
import type { PreflightReport } from './report.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-preflight-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const report = (stdout: string): PreflightReport => JSON.parse(stdout);

test('schema steps that this version would run are named, and not run on the volume', async () => {
  const root = join(folder, 'older');
  mkdirSync(join(root, 'data'), { recursive: true });
  const file = join(root, 'data', 'messages.db');
  const older = hostMigrations.slice(0, -1);
  const connection = new Connection(file);
  connection.exec(
    'CREATE TABLE host_migrations (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  );
  for (const step of older) {
    connection.exec(step.sql);
    connection.prepare('INSERT INTO host_migrations VALUES (?, ?, ?)').run([step.id, hashOf(step), systemClock.now()]);
  }
  connection.close();
  const before = readFileSync(file);
  const { code, stdout } = await clay(root, ['preflight']);
  assert.equal(code, 0, stdout);
  assert.ok(report(stdout).pendingMigrations.includes(`host ${hostMigrations.at(-1)?.id}`), stdout);
  assert.deepEqual(readFileSync(file), before);
});

test('a database that a newer version wrote ends it with 3, and says which step it does not know', async () => {
  const root = join(folder, 'newer');
  await using claw = await startClaw({}, root);
  await claw.stop();
  const connection = new Connection(join(root, 'data', 'messages.db'));
  connection.exec("INSERT INTO host_migrations VALUES ('999_future', 'x', 1)");
  connection.close();
  const { code, stdout } = await clay(root, ['preflight']);
  assert.equal(code, 3);
  const failed = report(stdout).checks.filter((check) => !check.ok);
  assert.match(failed.map(({ check, detail }) => `${check}: ${detail}`).join('\n'), /start: .*newer Clay.*999_future/);
});

test('an extension that serves is tried too, and one that does not work any more is a warning', async () => {
  const root = join(folder, 'extended');
  await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
  const extensions = join(root, 'data', 'extensions');
  const generations = join(root, 'data', 'generations', 'greet', '1');
  writeFileSync(join(extensions, 'greet.star'), '# DESCRIPTION: greets\ndef run(args):\n    return "hello"\n');
  const deadline = performance.now() + 20_000;
  while (!(await serves(claw.url, root, 'greet')))
    assert.ok(performance.now() < deadline, 'the extension was never deployed');
  const good = report((await clay(root, ['preflight'])).stdout);
  assert.ok(good.ok && good.checks.some(({ check, ok }) => check === 'plugin greet' && ok), JSON.stringify(good));

  writeFileSync(join(generations, 'extension.star'), 'def run(args:\n');
  const { code, stdout } = await clay(root, ['preflight']);
  assert.equal(code, 0);
  assert.deepEqual(
    report(stdout).warnings.map(({ check, ok }) => [check, ok]),
    [['plugin greet', false]],
  );
});

test('it works where the volume can only be read', {
  skip:
    spawnSync('unshare', ['-m', 'true'], { stdio: 'ignore' }).status === 0
      ? false
      : 'skipped: this user may make no namespace of mounts',
}, async () => {
  const root = join(folder, 'read-only');
  await using claw = await startClaw({}, root);
  await post(`${claw.publicUrl}/msg`, { text: 'add task before' });
  const how = launch(process.env.CLAY_BUNDLE ?? '', ['preflight']);
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', script, 'sh', root, process.execPath, ...how.args],
    {
      env: { PATH: process.env.PATH ?? '', CLAY_ROOT: root, ...how.env },
      encoding: 'utf8',
    },
  );
  assert.equal(status, 0, stdout + stderr);
  assert.equal(report(stdout).ok, true);
});

function token(root: string): Record<string, string> {
  return { authorization: `Bearer ${readFileSync(join(root, 'data', 'token'), 'utf8').trim()}` };
}

/** Whether a generation of it takes calls. One that is listed may still be on its way. */
async function serves(url: string, root: string, plugin: string): Promise<boolean> {
  const answer = await fetch(`${url}/api/admin/generations?plugin=${plugin}`, { headers: token(root) });
  const generations = (await answer.json()) as readonly { readonly state: string }[];
  return answer.ok && generations.some(({ state }) => state === 'probation' || state === 'committed');
}
