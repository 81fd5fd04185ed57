import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startAnthropicServer } from './agent/testing/anthropic-server.ts';
import { freePort, type Server, startClaw } from './testing/claw.ts';
import { post } from './testing/http.ts';

/** The protocol's own reference server, as a program and by HTTP, behind a whole claw; and the protocol's own client before it. */
const everything = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'));
const oddServer = join(import.meta.dirname, '..', 'plugins', 'mcp', 'testing', 'odd-server.ts');
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
    assert.match(
      await say(claw, 'far_echo', { message: 'from afar' }),
      /MCP server far, tool echo[\s\S]*Echo: from afar/,
    );
    await assert.rejects(connect(claw, 'legacy', 'wrong'), /TOKEN_WRONG|401|Unauthorized/);
  }

  // What a plugin that sleeps has offered is there from the start, and its first call wakes it.
  await using claw = await startClaw({ CLAY_SHELL: 'on' }, root);
  assert.match(await say(claw, 'everything_echo', { message: 'woken' }), /Echo: woken/);
});

test('a server that the agent proposes is used in the same turn once a person has said yes to the whole command', {
  timeout: 120_000,
}, async () => {
  const provider = await startAnthropicServer();
  after(() => provider.close());
  const own = mkdtempSync(join(tmpdir(), 'clay-mcp-proposal-'));
  after(() => rmSync(own, { recursive: true, force: true }));
  const odd = {
    name: 'odd',
    command: process.execPath,
    args: [oddServer],
    why: 'to echo',
  };
  provider.script([
    { calls: [{ name: 'mcp_propose', input: odd }] },
    { calls: [{ name: 'odd_echo', input: { text: 'at once' } }] },
    { text: 'Done.' },
  ]);
  const environment = { ANTHROPIC_API_KEY: 'key', ANTHROPIC_API_BASE: provider.url, CLAY_SHELL: 'on' };
  await using claw = await startClaw(environment, own);
  const authorization = `Bearer ${readFileSync(join(own, 'data', 'token'), 'utf8').trim()}`;
  const turn = post(`${claw.publicUrl}/msg`, { text: 'Echo something.' });
  const [question] = await untilAsked(claw, authorization);
  assert.match(question?.question ?? '', /"odd": run this program[\s\S]*odd-server\.ts/);
  await post(`${claw.publicUrl}/api/admin/questions/${question?.id}`, { choice: 'yes' }, { authorization });
  await turn;
  const heard = JSON.stringify(provider.requests.at(-1));
  assert.match(heard, /MCP server odd, tool echo[\s\S]*at once/);
});

test('as the second user a server has its home, the variables that the operator names, and nothing else of the claw', {
  timeout: 120_000,
  skip: process.getuid?.() === 0 ? false : 'only root can start a process as another user',
}, async () => {
  const own = mkdtempSync(join(tmpdir(), 'clay-mcp-second-'));
  after(() => rmSync(own, { recursive: true, force: true }));
  const uid = 61_236;
  const servers = { odd: { command: process.execPath, args: [oddServer], env: ['GIVEN'] } };
  writeFileSync(join(own, 'clay.json'), JSON.stringify({ plugins: { mcp: { servers } } }));
  const environment = {
    CLAY_SHELL: 'on',
    CLAY_SHELL_USER: String(uid),
    CLAY_TOKEN: 'a-token-for-this-test',
    GIVEN: 'yes',
    OTHER: 'no',
  };
  await using claw = await startClaw(environment, own);
  const headers = { authorization: 'Bearer a-token-for-this-test' };
  const client = await connect(claw, 'auto', 'a-token-for-this-test');
  await untilListed(client, ['odd_environment']);
  await client.close();
  const said = await post(`${claw.publicUrl}/msg`, { text: '/tool odd_environment {}' }, headers);
  const home = join(own, 'data', 'files', 'mcp', 'odd', 'home');
  const seen = said.replaceAll('\\', '');
  assert.match(seen, new RegExp(`"uid":${uid}`));
  assert.ok(seen.includes(`"HOME":"${home}"`) && seen.includes('"GIVEN":"yes"'), seen);
  assert.doesNotMatch(seen, /OTHER|CLAY_TOKEN|a-token-for-this-test/);
  assert.equal(statSync(home).uid, uid);
});

interface Question {
  readonly id: string;
  readonly question: string;
}

async function untilAsked(claw: Server, authorization: string): Promise<readonly Question[]> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const answer = await fetch(`${claw.publicUrl}/api/admin/questions`, { headers: { authorization } });
    const open = (await answer.json()) as readonly Question[];
    if (open.length > 0) return open;
    if (performance.now() > deadline) throw new Error('Nobody was asked.');
    await wait(50);
  }
}
