import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

interface Told {
  readonly outcome: { readonly value?: { readonly attempt: number }; readonly code?: string };
  readonly rows: readonly string[];
}

/** Every step of a call at which the host can be killed: how often the effect has happened by then. */
const points: readonly (readonly [string, number])[] = [
  ['start', 0],
  ['begun', 0],
  ['accepted', 0],
  ['effect', 1],
  ['replied', 1],
  ['done', 1],
];

const script = join(import.meta.dirname, 'testing', 'crash-host.ts');

function run(root: string, tool: string, point: string): { readonly signal: string | null; readonly stdout: string } {
  const { signal, stdout, stderr, status } = spawnSync(process.execPath, [script, root, tool, point], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.ok(signal === 'SIGKILL' || status === 0, stderr);
  return { signal, stdout };
}

for (const [point, effects] of points) {
  for (const tool of ['once', 'again'] as const) {
    test(`a host killed at "${point}" runs the tool "${tool}" as often as it may, and ends its row`, (t) => {
      const root = mkdtempSync(join(tmpdir(), 'clay-crash-'));
      t.after(() => rmSync(root, { recursive: true }));
      const file = join(root, 'effects');
      const count = () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0);
      assert.equal(run(root, tool, point).signal, 'SIGKILL');
      assert.equal(count(), effects);

      const { outcome, rows } = JSON.parse(run(root, tool, 'none').stdout) as Told;
      if (point === 'start') {
        assert.deepEqual(
          [outcome, rows, count()],
          [{ value: { attempt: 1 } }, ['done 1'], 1],
          'nothing was begun: it simply runs',
        );
      } else if (point === 'done') {
        assert.deepEqual(
          [outcome, rows, count()],
          [{ value: { attempt: 1 } }, ['done 1'], 1],
          'the stored result comes back',
        );
      } else if (tool === 'again') {
        assert.deepEqual([outcome, rows, count()], [{ value: { attempt: 2 } }, ['done 2'], effects + 1]);
      } else {
        assert.equal(outcome.code, 'CALL_OUTCOME_UNKNOWN');
        assert.deepEqual([rows, count()], [['unknown 1'], effects]);
      }
    });
  }
}
