import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClayError } from '@clay/sdk';
import { createScriptHost } from './testing/script-host.ts';

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
      /the host example\.org is declared, but the operator's ceiling does not allow it: ask the operator to add "http:example\.org" to "ceilings" in clay\.json/,
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
    message: /the secret TOKEN .* allow\(secrets = \["TOKEN@<host>"\]\)/,
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
