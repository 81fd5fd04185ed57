import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript } from './index.ts';
import { scriptOf } from './testing/script-host.ts';

async function told(source: string): Promise<string[]> {
  const { diagnostics } = await inspectScript(scriptOf('sample', source));
  return diagnostics.map(({ line, column, code, message, hint }) => `${line}:${column} ${code} ${message} | ${hint}`);
}

const head =
  'load("@std//http.star", "http")\nload("@std//testing.star", check = "testing")\nload("@std//time.star", "time")\n';
const run = 'def run(city: str):\n    "Tells."\n    return';

test('a member that a module lacks is found without running it, by the name that the file gave it', async () => {
  assert.deepEqual(await told(`${head}${run} [http.getch(city), check.assert_equal]\n`), [
    '6:18 LOAD_MEMBER http has no .getch field or method (did you mean .get?) | It has .get, .get_all, .has_secret, .post, .request, .secret.',
    '6:37 LOAD_MEMBER check has no .assert_equal field or method (did you mean .eq?) | It has .calls, .capability, .contains, .eq, .fails, .files, .http, .in_turn, .ne, .now, .requests, .secrets, .true, .written.',
  ]);
});

test('another thing of the same name may have what it likes', async () => {
  const parameter = `${head}def helper(http):\n    return http.whatever\n${run} helper(struct(whatever = city))\n`;
  const target = `${head}${run} [http.x for http in [struct(x = city)]]\n`;
  assert.deepEqual(await told(parameter), []);
  assert.deepEqual(await told(target), []);
});

test('a time shown in a layout of Python is a warning', async () => {
  const layout =
    'of a time, this layout gives the text "%Y-%m-%d" | a layout shows how the time 2006-01-02 15:04:05 is written, as in Go: t.format("2006-01-02") gives the day';
  assert.deepEqual(await told(`${head}${run} time.now().format("%Y-%m-%d")\n`), [`6:30 TIME_LAYOUT ${layout}`]);
  assert.deepEqual(await told(`${head}${run} "%d {}".format("%d")\n`), []);
});
