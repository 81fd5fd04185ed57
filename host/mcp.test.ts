import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { freePort, type Server, startClaw } from './testing/claw.ts';
import { post } from './testing/http.ts';

/** The protocol's own reference server, as a program and by HTTP, behind a whole claw; and the protocol's own client before it. */
const everything = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const root = mkdtempSync(join(tmpdir(), 'clay-mcp-'));
after(() => rmSync(root, { recursive: true, force: true }));

const tokenOf = () => readFileSync(join(root, 'data', 'token'), 'utf8').trim();

async function connect(claw: Server, mode: 'auto' | 'legacy', token = tokenOf()): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(`${claw.publicUrl}/mcp`), { requestInit }));
  return client;
}

/** Servers start beside the first messages. */
async function untilListed(client: Client, names: readonly string[]): Promise<readonly string[]> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { tools } = await client.listTools();
    const listed = tools.map(({ name }) => name);
    if (names.every((name) => listed.includes(name))) return listed;
    if (performance.now() > deadline)
      throw new Error(`Not listed: ${names.join(', ')}; there are ${listed.join(', ')}`);
    await wait(50);
  }
}

/** The reference server by HTTP; gives its origin once it listens. */
async function startRemote(): Promise<string> {
  const port = await freePort();
  const env = { PORT: String(port), PATH: process.env.PATH ?? '' };
  const child = spawn(process.execPath, [everything, 'streamableHttp'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
  after(() => child.kill());
  for await (const line of createInterface({ input: child.stderr }))
    if (line.includes('listening')) return `http://127.0.0.1:${port}`;
  throw new Error('The reference server ended before it listened.');
}

const textOf = (result: Awaited<ReturnType<Client['callTool']>>) => JSON.stringify(result.content);
/** The offline model uses the tool that it is told to. */
const say = (claw: Server, tool: string, args: object) =>
  post(`${claw.publicUrl}/msg`, { text: `/tool ${tool} ${JSON.stringify(args)}` });

test('the reference server serves its tools through the claw, as a program and by HTTP, to the agent and to a real client', {
  timeout: 120_000,
}, async () => {
  const remote = await startRemote();
  const servers = {
    everything: { command: process.execPath, args: [everything, 'stdio'] },
    far: { url: `${remote}/mcp` },
  };
  writeFileSync(
    join(root, 'clay.json'),
    JSON.stringify({
      plugins: { mcp: { servers, expose: { never: ['bash'] } } },
      privateOrigins: { mcp: [remote] },
    }),
  );
  const wanted = ['everything_get-sum', 'far_echo', 'tasks'];
  {
    await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
    for (const mode of ['auto', 'legacy'] as const) {
      const client = await connect(claw, mode);
      const listed = await untilListed(client, wanted);
      assert.ok(!listed.includes('bash'), 'what the operator withholds is not offered');
      const added = await client.callTool({ name: 'tasks', arguments: { action: 'add', title: `by ${mode}` } });
      assert.match(textOf(added), new RegExp(`by ${mode}`));
      const sum = await client.callTool({ name: 'everything_get-sum', arguments: { a: 19, b: 23 } });
      assert.match(textOf(sum), /origin=.*MCP server everything, tool get-sum.*The sum of 19 and 23 is 42\./s);
      const wrong = await client.callTool({ name: 'tasks', arguments: { action: 'dance' } });
      assert.equal(wrong.isError, true);
      assert.match(textOf(wrong), /BAD_ARGUMENTS/);
      const none = await client.callTool({ name: 'bash', arguments: { command: 'id' } });
      assert.match(textOf(none), /CAPABILITY_UNKNOWN/);
      await client.close();
    }
    assert.match(await say(claw, 'everything_get-sum', { a: 1, b: 2 }), /The sum of 1 and 2 is 3\./);
    assert.match(await say(claw, 'far_echo', { message: 'from afar' }), /MCP server far, tool echo[\s\S]*Echo: from afar/);
    await assert.rejects(connect(claw, 'legacy', 'wrong'), /TOKEN_WRONG|401|Unauthorized/);
  }

  // What a plugin that sleeps has offered is there from the start, and its first call wakes it.
  await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
  assert.match(await say(claw, 'everything_echo', { message: 'woken' }), /Echo: woken/);
});
