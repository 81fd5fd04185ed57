import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectScript, manifestOf } from './index.ts';
import { createScriptHost, scriptOf } from './testing/script-host.ts';

const everything = `
# DESCRIPTION: A bit of everything.
load("@std//kv.star", "kv")

def add(a: int, b: int = 1) -> int:
    "Adds."
    return a + b

def _tick():
    print("tick")
    kv.set("ticks", kv.get("ticks", 0) + 1)

def heard(message):
    kv.set("heard", message["text"])

def section(turn):
    return "You talk with " + turn["user"] if turn["user"] else None

tool(add)
tool(lambda x: x * 2, name = "double", description = "Doubles.")
schedule("*/30 * * * *", _tick)
on("message", heard)
prompt("Be kind.")
prompt(section)
`;

test('a file declares tools, schedules, events and prompts', async () => {
  await using host = await createScriptHost(everything);
  assert.equal(await host.tool('add', { a: 2 }), 3);
  assert.equal(await host.tool('double', { x: 'ab' }), 'abab');
  await host.runSchedule('schedule-1');
  await host.runSchedule('schedule-1');
  assert.equal(host.store.get('ticks'), 2);
  assert.deepEqual(
    host.logs.filter(({ event }) => event === 'script.printed').map(({ fields }) => fields),
    [
      { for: 'schedule-1', output: 'tick\n' },
      { for: 'schedule-1', output: 'tick\n' },
    ],
  );
  await host.emit('message', { channel: 'web', user: 'ada', text: 'hello' });
  assert.equal(host.store.get('heard'), 'hello');
  assert.equal(await host.prompt('prompt-1'), 'Be kind.');
  assert.equal(await host.prompt('prompt-2', { user: 'Ada' }), 'You talk with Ada');
  assert.equal(await host.prompt('prompt-2', { user: '' }), null);
});

test('the report outlines what is declared, and the manifest is that of a plugin', async () => {
  const script = scriptOf(
    'sample',
    `${everything}\nallow(http = ["api.example.org"], read = ["public"], tools = ["roll"], permissions = ["memory.read"])\n`,
  );
  const { outline } = await inspectScript(script);
  assert.deepEqual(outline, {
    description: 'A bit of everything.',
    hasRun: false,
    tools: [
      { name: 'add', description: 'Adds.' },
      { name: 'double', description: 'Doubles.' },
    ],
    schedules: ['*/30 * * * *'],
    events: ['message'],
    prompts: 2,
    permissions: ['http:api.example.org', 'fs.read:public', 'call:tool:roll', 'memory.read'],
    calls: ['service:memory.recall', 'service:memory.search', 'tool:roll'],
  });
  const { permissions, optional, placement } = manifestOf(script, outline);
  assert.deepEqual(
    { permissions, optional, placement },
    { permissions: outline.permissions, optional: outline.calls, placement: 'process' },
  );
});

test('without allow a file gets public hosts, the public folder and a folder of its own', async () => {
  const script = scriptOf('diary', 'def run(args):\n    pass\n');
  const { outline } = await inspectScript(script);
  assert.deepEqual(manifestOf(script, outline!).permissions, [
    'http:*',
    'fs.read:public',
    'fs.read:files/diary',
    'fs.write:files/diary',
  ]);
});

test('what a file keeps at top level is the same for all calls and cannot change', async () => {
  const source =
    'seen = []\ndef counter():\n    hidden = []\n    def count():\n        "Counts."\n        hidden.append(1)\n        return len(hidden)\n    return count\ndef add(x: int):\n    "Adds."\n    seen.append(x)\ntool(add)\ntool(counter())\n';
  await using host = await createScriptHost(source);
  for (let time = 0; time < 2; time++) {
    await assert.rejects(host.tool('add', { x: 1 }), /cannot append to frozen list/);
    await assert.rejects(host.tool('count'), /cannot append to frozen list/);
  }
});

test('a hundred calls that wait do not wait for each other', async () => {
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const http = async () => {
    most = Math.max(most, ++open);
    if (open === 100) for (const go of waiting) go();
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return new Response('done');
  };
  await using host = await createScriptHost(
    'def run(n: int):\n    "Waits."\n    return http_get("https://example.org/") + str(n)\n',
    { http },
  );
  const results = await Promise.all(Array.from({ length: 100 }, (_, n) => host.tool('sample', { n })));
  assert.equal(most, 100);
  assert.deepEqual(
    results,
    Array.from({ length: 100 }, (_, n) => `done${n}`),
  );
});

test('pages are asked for side by side, eight at a time, and come in the order of their URLs', async () => {
  let open = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const http = async ({ url }: Request) => {
    most = Math.max(most, ++open);
    if (open === 8) for (const go of waiting.splice(0)) go();
    else if (most < 8) await new Promise<void>((resolve) => waiting.push(resolve));
    open--;
    return new Response(url.slice(-2));
  };
  const source =
    'load("@std//http.star", "http")\ndef run(count: int):\n    "Asks."\n    return [page.text for page in http.get_all(["https://example.org/%02d" % n for n in range(count)])]\n';
  await using host = await createScriptHost(source, { http });
  const expected = Array.from({ length: 20 }, (_, n) => String(n).padStart(2, '0'));
  assert.deepEqual(await host.tool('sample', { count: 20 }), expected);
  assert.equal(most, 8);
});
