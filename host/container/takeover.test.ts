import assert from 'node:assert/strict';
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../clock.ts';
import { lockVolume } from '../store/volume-lock.ts';
import { post } from '../testing/http.ts';
import { type ContainedClaw, startContained } from './testing/contained-claw.ts';

/** Real claws, started as the image starts them, on volumes of their own. */
const volumes = mkdtempSync(join(tmpdir(), 'clay-takeover-'));
after(() => rmSync(volumes, { recursive: true, force: true }));
let count = 0;

function newVolume(): string {
  count += 1;
  const root = join(volumes, String(count));
  for (const name of ['data', 'soul', 'public', 'builds']) mkdirSync(join(root, name), { recursive: true });
  return root;
}

const standby = (id: string) => ({ env: { CLAY_STANDBY: `wait:${id}`, CLAY_SHELL: 'on' } });

async function say(claw: ContainedClaw, text: string): Promise<string> {
  return (JSON.parse(await post(`${claw.url}/msg`, { text })) as { text: string }).text;
}

/** Every file of a volume with its size and time, but for those by which SQLite's readers know of each other. */
function inventory(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/-(shm|wal)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => `${file} ${statSync(file).size} ${statSync(file).mtimeMs}`)
    .sort();
}

test('a new claw proves itself while the old one serves, waits until the open turn of that has ended, and goes on with all that was said', async () => {
  const root = newVolume();
  await using old = await startContained(root, { env: { CLAY_SHELL: 'on' } });
  await old.until('/readyz', 200);
  await say(old, 'remember that the gate code is 4711');
  await using next = await startContained(root, standby('patch-1'));
  await next.untilPrinted('"state":"waiting"');
  const [report] = next.output().split('\n');
  const { ok, checks, pendingMigrations } = JSON.parse(report!);
  assert.deepEqual({ ok, pendingMigrations }, { ok: true, pendingMigrations: [] });
  for (const name of ['config', 'database', 'journal', 'plugin memory', 'plugin telegram'])
    assert.ok(
      checks.some((check: { check: string; ok: boolean }) => check.check === name && check.ok),
      name,
    );
  const refused = await next.until('/readyz', 503);
  assert.equal(((await refused.json()) as { code: string }).code, 'STANDBY');
  assert.deepEqual((await next.until('/healthz', 200)).headers.get('content-type'), 'application/json');
  assert.equal((await next.clay('standby')).code, 0);

  const turn = say(old, 'run sleep 1 && echo drained');
  await untilTurnRuns(old);
  old.kill('SIGTERM');
  assert.match(await turn, /drained/);
  assert.equal(await old.ended, 0);
  const begin = performance.now();
  await next.until('/readyz', 200);
  const takeoverMs = performance.now() - begin;
  assert.ok(takeoverMs < 10_000, `ready ${takeoverMs} ms after the old one`);
  assert.match(await say(next, 'what do you remember about gate'), /4711/);
  assert.match((await next.clay('standby')).stdout, /"state":"claw"/);
});

test('a container that took a volume begins at once when it is started again, without standing by', async () => {
  const root = newVolume();
  {
    await using first = await startContained(root, standby('patch-2'));
    await first.until('/readyz', 200);
    assert.match(first.output(), /"state":"taking","wasUnclean":false/);
  }
  await using again = await startContained(root, standby('patch-2'));
  await again.until('/readyz', 200);
  assert.doesNotMatch(again.output(), /preflight|standby/);
});

test('of two that stand by, one becomes the claw, and the other never writes beside it', async () => {
  const root = newVolume();
  await using old = await startContained(root);
  await old.until('/readyz', 200);
  await using one = await startContained(root, standby('a'));
  await using other = await startContained(root, standby('b'));
  await Promise.all([one.untilPrinted('"state":"waiting"'), other.untilPrinted('"state":"waiting"')]);
  old.kill('SIGTERM');
  const winner = await Promise.race(
    [one, other].map((claw) =>
      claw.until('/readyz', 200).then(
        () => claw,
        () => new Promise<never>(() => {}),
      ),
    ),
  );
  const loser = winner === one ? other : one;
  // It either lost the race for the lock, and says so, or still waits.
  const end = await Promise.race([
    loser.ended,
    loser.until('/readyz', 503).then(
      () => 'waits' as const,
      () => loser.ended,
    ),
  ]);
  assert.ok(end === 'waits' || end === 1, `it ended with ${end}`);
  assert.match(await say(winner, 'add task one writer'), /one writer/);
});

test('settings that do not work end the standby with 3 and what is wrong, and the claw that serves notices nothing', async () => {
  const root = newVolume();
  await using old = await startContained(root);
  await old.until('/readyz', 200);
  await say(old, 'add task before');
  await using next = await startContained(root, { env: { CLAY_STANDBY: 'wait', CLAY_SHELL: 'sometimes' } });
  assert.equal(await next.ended, 3);
  assert.match(next.output(), /"check":"config","ok":false,.*CLAY_SHELL/);
  assert.match(await say(old, 'list tasks'), /before/);
});

test('a damaged database ends it with 3, and is left exactly as it is', async () => {
  const root = newVolume();
  {
    await using claw = await startContained(root);
    await claw.until('/readyz', 200);
    await say(claw, 'add task lost');
  }
  const file = join(root, 'data', 'messages.db');
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 4096 * 3, 4096 * 12);
  writeFileSync(file, bytes);
  const before = inventory(root);
  await using next = await startContained(root, standby('patch-3'));
  assert.equal(await next.ended, 3);
  assert.match(next.output(), /"check":"database","ok":false/);
  assert.deepEqual(inventory(root), before);
});

test('a plugin of the image that does not start ends it with 3 and its name', async () => {
  const root = newVolume();
  const good = process.env.CLAY_BUNDLE ?? '';
  // Beside the others, so that it finds its packages.
  const bundle = join(dirname(dirname(good)), `broken-${process.pid}`);
  cpSync(good, bundle, { recursive: true, filter: (file) => !/\.map$|compile-cache/.test(file) });
  try {
    const main = join(bundle, 'plugins', 'tasks', 'index.mjs');
    appendFileSync(main, '\nthrow new Error("this build is broken");\n');
    await using old = await startContained(root);
    await old.until('/readyz', 200);
    await using next = await startContained(root, { ...standby('patch-4'), bundle });
    assert.equal(await next.ended, 3);
    assert.match(next.output(), /"check":"plugin tasks","ok":false,[^}]*this build is broken/);
    assert.match(await say(old, 'add task goes on'), /goes on/);
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
});

test('one that is told to end while it waits ends with 0 and has written nothing to the volume', async () => {
  const root = newVolume();
  {
    await using claw = await startContained(root);
    await claw.until('/readyz', 200);
    await say(claw, 'add task before');
  }
  // As a host that writes nothing meanwhile: whatever changes, the standby has changed.
  const lock = lockVolume(join(root, 'data'), systemClock);
  try {
    const before = inventory(root);
    await using next = await startContained(root, standby('patch-5'));
    await next.untilPrinted('"state":"waiting"');
    next.kill('SIGTERM');
    assert.equal(await next.ended, 0);
    assert.deepEqual(inventory(root), before);
  } finally {
    lock.release();
  }
});

test('a volume that is not its own is told with the command that gives it away, and ends it with 4', {
  skip: process.getuid?.() === 0 ? false : 'needs root to run it as another user',
}, async () => {
  const root = mkdtempSync(join('/tmp', 'clay-owner-'));
  try {
    chmodSync(root, 0o755);
    for (const name of ['data', 'soul', 'public', 'builds']) mkdirSync(join(root, name));
    await using claw = await startContained(root, { uid: 10_001, env: { TMPDIR: '/tmp' } });
    assert.equal(await claw.ended, 4);
    assert.match(
      claw.errors(),
      /data belongs to 0:0 with mode 755, and the claw runs as 10001:10001.*chown -R 10001:10001/,
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('what the agent wrote into data/.env is never run, and cannot keep the claw from starting', async () => {
  const root = newVolume();
  const mark = join(root, 'ran');
  writeFileSync(
    join(root, 'data', '.env'),
    `$(touch ${mark})\nANTHROPIC_API_BASE=http://evil.example\nTZ="Europe/Berlin"\nCLAY_MAX_TOKENS=many\nX=\`touch ${mark}\`\n`,
  );
  await using claw = await startContained(root, { env: { CLAY_SHELL: 'on' } });
  await claw.until('/readyz', 200);
  assert.match(await say(claw, 'run echo "zone $TZ base $ANTHROPIC_API_BASE"'), /zone Europe\/Berlin base/);
  assert.throws(() => statSync(mark), /ENOENT/);
  for (const line of [
    'line 1: is no NAME=VALUE',
    'line 2: ANTHROPIC_API_BASE is not taken',
    'line 4: ',
    'line 5: X is not taken',
  ])
    assert.ok(claw.errors().includes(line), line);
});

async function untilTurnRuns(claw: ContainedClaw): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const metrics = await (await fetch(`${claw.adkUrl}/metrics`)).text();
    if (/^clay_turns_active [1-9]/m.test(metrics)) return;
    await wait(10);
  }
  throw new Error('no turn began within twenty seconds');
}
