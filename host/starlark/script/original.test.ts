import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScriptHost } from './testing/script-host.ts';

const run = 'service:sample.run';

test('run(args) gets one dict, and gives its output and its text', async () => {
  await using host = await createScriptHost(
    '# DESCRIPTION: Says hello.\ndef run(args):\n    return "hi " + args["who"]\n',
  );
  assert.deepEqual(await host.call(run, { who: 'Ada' }), { output: 'hi Ada' });
  assert.equal(host.capabilities.get(run)?.description, 'Says hello.');
});

test('a result that is no text is shown as a program writes it', async () => {
  await using host = await createScriptHost('def run(args):\n    return {"n": 1, "t": (None, True), "s": "x"}\n');
  assert.deepEqual(await host.call(run, {}), { output: '{"n": 1, "t": (None, True), "s": "x"}' });
  await using none = await createScriptHost('def run(args):\n    pass\n');
  assert.deepEqual(await none.call(run, {}), { output: 'None' });
});

test('what the top level and the call print stands before the result, in every call anew', async () => {
  await using host = await createScriptHost(
    'print("top")\ndef run(args):\n    log("a", 1, [None])\n    print("b", 2)\n    return "end"\n',
  );
  for (let time = 0; time < 2; time++)
    assert.deepEqual(await host.call(run, {}), { output: 'top\n"a" 1 [None]\nb 2\nend' });
});

test('a file without run gives what it prints', async () => {
  await using host = await createScriptHost('print("only this")\n');
  assert.deepEqual(await host.call(run, {}), { output: 'only this\n' });
  await using empty = await createScriptHost('x = 1\n');
  assert.deepEqual(await empty.call(run, {}), { output: 'sample.star defines no run() and prints nothing.' });
});

test('a file with effects at its top level is run as a whole at every call, as the original ran all files', async () => {
  const asked: string[] = [];
  const http = (request: Request) => {
    asked.push(request.url);
    return new Response(`page ${asked.length}`);
  };
  const source = 'page = http_get("https://example.org/")\nlog(page)\ndef run(args):\n    return page\n';
  await using host = await createScriptHost(source, { http });
  assert.deepEqual(asked, []);
  assert.deepEqual(await host.call(run, {}), { output: '"page 1"\npage 1' });
  assert.deepEqual(await host.call(run, {}), { output: '"page 2"\npage 2' });
});

test('http_get gives the body whatever the status, and at most its first 64 KiB', async () => {
  const http = ({ url }: Request) =>
    url.endsWith('/big') ? new Response(`${'é'.repeat(32_767)}xé…`) : new Response('not here', { status: 404 });
  await using host = await createScriptHost('def run(args):\n    return http_get(args["url"])\n', { http });
  assert.deepEqual(await host.call(run, { url: 'https://example.org/none' }), { output: 'not here' });
  assert.deepEqual(await host.call(run, { url: 'https://example.org/big' }), { output: `${'é'.repeat(32_767)}x` });
});

test('http_post sends JSON unless told otherwise', async () => {
  const http = async (request: Request) =>
    new Response(`${request.headers.get('content-type')} ${await request.text()}`);
  const source =
    'def run(args):\n    return http_post(args["url"], "{}") + "|" + http_post(args["url"], "x", "text/plain")\n';
  await using host = await createScriptHost(source, { http });
  assert.deepEqual(await host.call(run, { url: 'https://example.org/' }), {
    output: 'application/json {}|text/plain x',
  });
});

test('a failure of the original functions is a text, and the script goes on', async () => {
  const source =
    'def run(args):\n    return [http_get("https://example.org/"), read_file("files/sample/none.txt")[:7]]\n';
  await using host = await createScriptHost(source);
  const { output } = (await host.call(run, {})) as { output: string };
  assert.match(output, /^\["ERROR: The test gives no answer to https:\/\/example\.org\/.*", "ERROR: "\]$/);
});

test('write_file tells how much it wrote where, and read_file reads it', async () => {
  const source =
    'def run(args):\n    return write_file("files/sample/a/b.txt", "héllo") + "|" + read_file("files/sample/a/b.txt")\n';
  await using host = await createScriptHost(source);
  assert.deepEqual(await host.call(run, {}), { output: 'Wrote 6 bytes to files/sample/a/b.txt|héllo' });
});

test('the original functions take their arguments by position only', async () => {
  await assert.rejects(
    createScriptHost('def run(args):\n    return http_get(url = "https://example.org/")\n'),
    /http_get/,
  );
});

test('an error within run says so, and keeps what was printed', async () => {
  await using host = await createScriptHost('def run(args):\n    print("so far")\n    return args["missing"]\n');
  await assert.rejects(host.call(run, {}), (error: Error & { code: string; details: { output: string } }) => {
    assert.equal(error.code, 'INTERNAL');
    assert.equal(error.details.output, 'so far\n');
    assert.match(error.message, /^run\(\) error: key "missing" not in dict\n/);
    assert.match(error.message, /sample\.star:3:16: in run\n {5}3 \| {5}return args\["missing"\]/);
    return true;
  });
});
