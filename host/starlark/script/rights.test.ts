import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { refusedEffects } from '@clay/starlark-stdlib';
import { guardedEffects } from './guarded-effects.ts';
import { inspectScript } from './index.ts';
import { createScriptHost, reportOf, scriptOf } from './testing/script-host.ts';

const fetcher = 'load("@std//http.star", "http")\ndef run(url: str):\n    "Fetches."\n    return http.get(url).text\n';

test('a host that the file does not allow is refused by naming the line to add', async () => {
  await using host = await createScriptHost(`${fetcher}allow(http = ["api.example.org"])\n`, {
    http: () => new Response('ok'),
  });
  assert.equal(await host.tool('sample', { url: 'https://api.example.org/x' }), 'ok');
  await assert.rejects(host.tool('sample', { url: 'https://other.example.org/' }), {
    code: 'REFUSED',
    message:
      /the host other\.example\.org is not among what the file allows: add allow\(http = \["other\.example\.org"\]\) at its top level/,
  });
});

test('what is declared and above the ceiling is the operator’s to give', async () => {
  const http = () => {
    throw new ClayError(
      'REFUSED',
      'The plugin "sample" has no permission for example.org: declare "http:example.org" in its manifest.',
    );
  };
  await using host = await createScriptHost(`${fetcher}allow(http = ["example.org"])\n`, { http });
  await assert.rejects(host.tool('sample', { url: 'https://example.org/' }), {
    code: 'REFUSED',
    message:
      /the host example\.org is declared, but the operator's ceiling does not allow it: ask the operator to run clay grant sample http:example\.org, or to add "http:example\.org" to "ceilings" in clay\.json/,
  });
});

test('a redirect to a host that the file does not allow names that host', async () => {
  const http = () => {
    throw new ClayError(
      'REFUSED',
      'The plugin "sample" has no permission for login.example.net: declare "http:login.example.net" in its manifest.',
    );
  };
  await using host = await createScriptHost(`${fetcher}allow(http = ["example.org"])\n`, { http });
  await assert.rejects(host.tool('sample', { url: 'https://example.org/' }), {
    code: 'REFUSED',
    message:
      /the host login\.example\.net is not among what the file allows: add allow\(http = \["login\.example\.net"\]\)/,
  });
});

test('an address that nobody may reach keeps its own explanation', async () => {
  const http = () => {
    throw new ClayError(
      'REFUSED',
      '127.0.0.1 is a private, loopback or otherwise reserved address: only public hosts are reachable.',
    );
  };
  await using host = await createScriptHost(fetcher, { http });
  await assert.rejects(
    host.tool('sample', { url: 'http://127.0.0.1/' }),
    /http\.request: 127\.0\.0\.1 is a private, loopback/,
  );
  await using original = await createScriptHost('def run(args):\n    return http_get("http://127.0.0.1/")\n', { http });
  assert.deepEqual(await original.call('service:sample.run', {}), {
    output: 'ERROR: 127.0.0.1 is a private, loopback or otherwise reserved address: only public hosts are reachable.',
  });
});

test('a path beyond the default names the line to add', async () => {
  const source = 'load("@std//files.star", "files")\ndef run(path: str):\n    "Reads."\n    return files.read(path)\n';
  await using host = await createScriptHost(source);
  for (const path of ['soul/SOUL.md', './soul/SOUL.md', 'files/samples/a', 'files/other/x'])
    await assert.rejects(host.tool('sample', { path }), {
      code: 'REFUSED',
      message: /reading .* add allow\(read = \["/,
    });
  await assert.rejects(host.tool('sample', { path: 'files/sample/../../soul/SOUL.md' }), { code: 'REFUSED' });
  await assert.rejects(host.tool('sample', { path: '/etc/passwd' }), { code: 'REFUSED' });
});

test('a secret is a placeholder, for files that name it', async () => {
  const source =
    'load("@std//http.star", "http")\ndef run():\n    "Asks."\n    return http.get("https://api.example.org/", headers = {"Authorization": "Bearer " + http.secret("TOKEN")}).text\n';
  const http = (request: Request) =>
    new Response(request.headers.get('authorization') === 'Bearer s3cret' ? 'known' : 'unknown');
  const secrets = { TOKEN: 's3cret' };
  await using host = await createScriptHost(
    `${source}allow(http = ["api.example.org"], secrets = ["TOKEN@api.example.org"])\n`,
    { http, secrets },
  );
  assert.equal(await host.tool('sample'), 'known');
  await using refused = await createScriptHost(source, { http, secrets });
  await assert.rejects(refused.tool('sample'), {
    code: 'REFUSED',
    message: /the secret TOKEN is not among .* allow\(secrets = \["TOKEN@<host>"\]\)/,
  });
});

test('capabilities of plugins go by permissions, and other tools by name', async () => {
  const source =
    'load("@std//memory.star", "memory")\nload("@std//tools.star", "tools")\ndef find(query: str):\n    "Finds."\n    return memory.search(query, limit = 2)\ndef roll():\n    "Rolls."\n    return tools.call("dice", {"sides": 6})["rolled"]\ntool(find)\ntool(roll)\n';
  const provided = {
    'service:memory.search': (args: unknown) => ({ memories: [args as { query: string }], count: 1 }),
    'tool:dice': () => ({ rolled: 4 }),
  };
  await using host = await createScriptHost(`${source}allow(permissions = ["memory.read"], tools = ["dice"])\n`, {
    provided,
  });
  assert.deepEqual(await host.tool('find', { query: 'x' }), [{ query: 'x', limit: 2 }]);
  assert.equal(await host.tool('roll'), 4);
  await using refused = await createScriptHost(source, { provided });
  await assert.rejects(refused.tool('find', { query: 'x' }), {
    code: 'REFUSED',
    message: /add allow\(permissions = \["memory\.read"\]\)/,
  });
  await assert.rejects(refused.tool('roll'), {
    code: 'REFUSED',
    message: /the tool dice .* add allow\(tools = \["dice"\]\)/,
  });
});

test('a test of a file gets no more than the file declares, and hears the same as a call', async () => {
  const refusal =
    /the host b\.example\.org is not among what the file allows: add allow\(http = \["b\.example\.org"\]\)/;
  const source = `${fetcher}load("@std//testing.star", "testing")\nallow(http = ["a.example.org"])\n`;
  const tested = `${source}def test_it():\n    testing.http({"*": "ok"})\n    testing.eq(run("https://b.example.org/"), "ok")\n`;
  assert.match(await reportOf(tested), refusal);
  await using host = await createScriptHost(source, { http: () => new Response('ok') });
  await assert.rejects(host.tool('sample', { url: 'https://b.example.org/' }), { code: 'REFUSED', message: refusal });
});

test('a test of a file that says nothing may not ask the model', async () => {
  const source =
    'load("@std//llm.star", "llm")\nload("@std//testing.star", "testing")\ndef run(text: str):\n    "Asks."\n    return llm.ask(text)\ndef test_it():\n    testing.capability("service:llm.ask", {"text": "yes"})\n    testing.eq(run("x"), "yes")\n';
  assert.match(
    await reportOf(source),
    /llm is not among what a file may do that says nothing \(ask public hosts, read public, read and write files\/sample\): add allow\(permissions = \["llm"\]\) at its top level, with whatever else it needs/,
  );
  const { isGood } = await inspectScript(scriptOf('sample', `${source}allow(permissions = ["llm"])\n`));
  assert.equal(isGood, true);
});

test('a path that no permission can name is told by what is wrong with it', async () => {
  const source = 'load("@std//files.star", "files")\ndef run(path: str):\n    "Reads."\n    return files.read(path)\n';
  await using host = await createScriptHost(source);
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['public/../clay.json', /"public\/\.\.\/clay\.json" is not written straight: .* this one leads to clay\.json/],
    ['../other', /"\.\.\/other" leads out of the claw/],
    ['/etc/passwd', /"\/etc\/passwd" begins with "\/"/],
    ['clay.json', /"clay\.json" holds the claw's own state or secrets/],
    ['public\\x', /has a backslash: write \//],
    ['.', /names the whole claw/],
  ];
  for (const [path, message] of wrong) {
    const told = await host.tool('sample', { path }).catch((error: Error) => error.message);
    assert.match(String(told), message);
    assert.doesNotMatch(String(told), /add allow/);
  }
});

test('a secret above the ceiling is told with its host and the command', async () => {
  const source =
    'load("@std//http.star", "http")\ndef run():\n    "Asks."\n    return http.has_secret("TOKEN")\nallow(http = ["*"], secrets = ["TOKEN@api.example.org"])\n';
  await using set = await createScriptHost(source, { secrets: { TOKEN: 's3cret' } });
  assert.equal(await set.tool('sample'), true);
  await using unset = await createScriptHost(source);
  assert.equal(await unset.tool('sample'), false);
  const refusal = new ClayError('REFUSED', 'The plugin "sample" has no permission for the secret "TOKEN".');
  const effects = guardedEffects(
    { ...refusedEffects('is not here'), secret: () => assert.fail(refusal) },
    { name: 'sample', permissions: ['secret:TOKEN@api.example.org'], isDeclared: true },
  );
  assert.throws(() => effects.secret('TOKEN'), {
    code: 'REFUSED',
    message:
      'the secret TOKEN for api.example.org is declared, but the operator\'s ceiling does not allow it: ask the operator to run clay grant sample secret:TOKEN@api.example.org, or to add "secret:TOKEN@api.example.org" to "ceilings" in clay.json',
  });
});

test('a file has one name, though people find it under another', async () => {
  const source = `load("@std//files.star", "files")
load("@std//testing.star", "testing")
def run(text: str):
    "Notes."
    files.append("data/files/sample/log.txt", text)
    return files.read("./files/sample/log.txt")
def test_it():
    testing.eq(run("a"), "a")
    testing.eq(testing.written(), {"files/sample/log.txt": "a"})
`;
  await using host = await createScriptHost(source);
  assert.equal(await host.tool('sample', { text: 'a' }), 'a');
  await using declared = await createScriptHost(
    `${source}allow(read = ["data/files/sample/"], write = ["files/sample"])\n`,
  );
  assert.equal(await declared.tool('sample', { text: 'a' }), 'a');
});
