import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isRunning } from './process/process-table.ts';
import { type Server, startClaw } from './testing/claw.ts';
import { post } from './testing/http.ts';

const limit = { timeout: 60_000 };
const root = mkdtempSync(join(tmpdir(), 'clay-programs-'));
after(() => rmSync(root, { recursive: true, force: true }));

interface Child {
  readonly plugin: string;
  readonly pid: number;
  readonly startedAt: number;
}

/** The processes that the host has written down, but for the lanes of scripts. */
function programs(): readonly Child[] {
  const folder = join(root, 'data', 'children');
  return readdirSync(folder)
    .flatMap((name) => readChild(join(folder, name)))
    .filter(({ plugin }) => plugin !== 'starlark-lane');
}

/** One that has just ended is struck out. */
function readChild(file: string): readonly Child[] {
  try {
    return [JSON.parse(readFileSync(file, 'utf8'))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Refused by the host before anything is sent; the plugin has to run to ask for it. */
const fetchInside = (claw: Server) =>
  post(`${claw.publicUrl}/msg`, { text: '/tool web_fetch {"url":"http://10.0.0.1/"}' });

test('an idle claw runs none of the programs that ship; the first call of a tool starts its own', limit, async () => {
  const first = await startClaw({}, root);
  await first.stop();
  await using claw = await startClaw({}, root);
  assert.deepEqual(programs(), []);
  assert.match(await fetchInside(claw), /REFUSED/);
  assert.deepEqual(
    programs().map(({ plugin }) => plugin),
    ['research'],
  );
});

test('a host that was killed leaves no program behind for its successor', limit, async () => {
  const killed = await startClaw({}, root);
  await fetchInside(killed);
  const [left] = programs();
  assert.ok(left !== undefined && isRunning(left));
  process.kill(killed.pid, 'SIGKILL');
  await using claw = await startClaw({}, root);
  assert.ok(!isRunning(left));
  assert.deepEqual(programs(), []);
  assert.match(await fetchInside(claw), /REFUSED/);
});

test('a program falls asleep after the time that the operator sets', limit, async () => {
  writeFileSync(join(root, 'clay.json'), JSON.stringify({ limits: { pluginIdleMs: 1 } }));
  await using claw = await startClaw({}, root);
  for (let call = 0; call < 2; call++) assert.match(await fetchInside(claw), /REFUSED/);
  const deadline = performance.now() + 10_000;
  while (programs().length > 0) {
    assert.ok(performance.now() < deadline, 'it is still awake');
    await new Promise((resolve) => setImmediate(resolve));
  }
});
