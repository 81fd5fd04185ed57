import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { ClayError, type JsonObject } from '@clay/sdk';
import { type Claw, startClaw } from './claw.ts';
import { loadConfig } from './config/load.ts';
import { type Line, listLog } from './kernel/testing/kernel-fixture.ts';
import { readTable, type ToolRow } from './testing/tools-table.ts';

/** What the original's tools took, by tool and action. */
const original: Readonly<Record<string, readonly string[]>> = {
  read: ['path'],
  write: ['path', 'content'],
  edit: ['path', 'old_text', 'new_text'],
  bash: ['command'],
  search: ['pattern'],
  'memory store': ['content', 'type', 'tags'],
  'memory recall': ['days'],
  'memory search': ['query'],
  'soul read': ['filename'],
  'soul write': ['filename', 'content'],
  'tasks add': ['title', 'description', 'priority'],
  'tasks list': ['status'],
  'tasks start': ['id'],
  'tasks complete': ['id'],
  'tasks remove': ['id'],
  build_check: ['reason'],
  build_and_deploy: ['reason'],
  extension_list: [],
  extension_run: ['name', 'args'],
  platform_search: ['query', 'category'],
  platform_call: ['tool', 'params'],
  web_search: ['query'],
  webfetch: ['url'],
  claude_code: ['task', 'working_dir'],
  skill_find: ['query'],
  skill_run: ['skill_name', 'args'],
};
const originalAgents = ['research', 'review', 'claude', 'build_loop', 'ops_loop', 'research_loop'];
const gone = [
  'fs_read',
  'fs_write',
  'fs_edit',
  'fs_bash',
  'fs_search',
  'memory_store',
  'memory_recall',
  'memory_search',
];

/** Calls as the original took them, in an order that makes sense, and what it answered them with. */
const calls: readonly (readonly [tool: string, args: JsonObject, answer: JsonObject])[] = [
  ['write', { path: 'tea.txt', content: 'Green tea.' }, { message: 'Wrote 10 bytes to tea.txt' }],
  ['edit', { path: 'tea.txt', old_text: 'Green', new_text: 'Black' }, { message: 'Edited tea.txt' }],
  ['read', { path: 'tea.txt' }, { content: 'Black tea.' }],
  ['search', { pattern: 'tea.*' }, { matches: ['tea.txt'], count: 1 }],
  ['bash', { command: 'cat tea.txt' }, { output: 'Black tea.' }],
  ['bash', { command: 'echo half; exit 3' }, { output: 'half\n', exitCode: 3 }],
  [
    'memory',
    { action: 'store', content: 'Ada drinks tea', type: 'general', tags: 'ada,tea' },
    { message: 'Stored: Ada drinks tea' },
  ],
  ['memory', { action: 'recall', days: 7 }, { memories: [{ content: 'Ada drinks tea' }], count: 1 }],
  ['memory', { action: 'search', query: 'drinks' }, { memories: [{ content: 'Ada drinks tea' }], count: 1 }],
  ['soul', { action: 'write', filename: 'USER.md', content: 'Ada.' }, { message: 'Updated USER.md' }],
  ['soul', { action: 'read', filename: 'USER.md' }, { content: 'Ada.' }],
  ['tasks', { action: 'add', title: 'Brew', description: 'Tea', priority: 2 }, { message: 'Added task #1: Brew (P2)' }],
  ['tasks', { action: 'start', id: 1 }, { message: 'Started task #1: Brew (P2)' }],
  [
    'tasks',
    { action: 'list', status: 'in_progress' },
    { tasks: [{ id: 1, title: 'Brew', status: 'in_progress', priority: 2 }] },
  ],
  ['tasks', { action: 'complete', id: 1 }, { message: 'Completed task #1: Brew (P2)' }],
  ['tasks', { action: 'remove', id: 1 }, { message: 'Removed task #1: Brew (P2)' }],
  ['extension_list', {}, { extensions: [{ name: 'hello' }], count: 1 }],
  ['extension_run', { name: 'hello', args: { name: 'Ada' } }, {}],
];

const beside = (path: string) => join(dirname(import.meta.dirname), 'plugins', path);
const { tools, agents } = readTable(beside('README.md'));
const root = mkdtempSync(join(tmpdir(), 'clay-tools-'));
let claw: Claw;

before(async () => {
  const env = {
    CLAY_ROOT: root,
    CLAY_PORT: '0',
    ADK_PORT: '0',
    CLAY_SHELL: 'on',
    // So that every plugin offers what it has; none of these is asked for anything.
    GATHER_BASE_URL: 'http://127.0.0.1:9',
    ANTHROPIC_API_KEY: 'a-key-of-this-test',
    ANTHROPIC_API_BASE: 'http://127.0.0.1:9',
    CLAUDE_BIN: process.execPath,
    HEARTBEAT_INTERVAL: '0',
  };
  const { config } = loadConfig({ env, defaultRoot: root, isTerminal: false });
  const pulse = {
    begin: () => ({ death: 'none' as const, upMs: 0, diedAt: 0 }),
    services: { want: () => undefined },
  };
  const lines: Line[] = [];
  claw = await startClaw(config, env, '1.2.3', listLog(lines), pulse);
  await claw.deployed;
});
after(async () => {
  await claw.stop();
  rmSync(root, { recursive: true, force: true });
});

const call = (tool: string, args: JsonObject) =>
  claw.kernel.router.call({ capability: `tool:${tool}`, args, caller: 'test' });

test('the table has every tool and agent of the original, with all that it took', () => {
  for (const [name, parameters] of Object.entries(original)) {
    const row = tools.find((one) => one.name === name);
    assert.ok(row, `plugins/README.md has no row for ${name}`);
    assert.deepEqual(
      row.parameters.filter(({ isNew }) => !isNew).map((one) => one.name),
      parameters,
      name,
    );
  }
  for (const { name, parameters } of tools)
    if (!Object.hasOwn(original, name))
      assert.ok(
        parameters.every(({ isNew }) => isNew),
        `${name} is new`,
      );
  assert.deepEqual(agents.map(({ name }) => name).sort(), [...originalAgents].sort());
});

for (const row of tools) {
  test(`${row.name} is what the table says`, async () => {
    const tool = claw.kernel.registry.get(`tool:${row.tool}`);
    assert.ok(tool, `There is no tool "${row.tool}".`);
    assert.equal(tool.plugin, row.plugin);
    const { properties = {}, required = [] } = (tool.parameters ?? {}) as {
      readonly properties?: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
      readonly required?: readonly string[];
    };
    const names = row.parameters.map(({ name }) => name);
    if (row.action === null) {
      assert.deepEqual(names.toSorted(), Object.keys(properties).sort());
      assert.deepEqual(
        row.parameters
          .filter(({ isRequired }) => isRequired)
          .map(({ name }) => name)
          .sort(),
        [...required].sort(),
      );
    } else {
      assert.ok(properties.action?.enum?.includes(row.action), `${row.tool} has no action "${row.action}"`);
      assert.deepEqual(
        names.filter((name) => !Object.hasOwn(properties, name)),
        [],
      );
      await refusesWithout(row);
    }
    for (const file of row.tests) assert.ok(existsSync(beside(file)), `${file} does not exist`);
    const name = new RegExp(`\\b${row.tool}\\b`);
    assert.ok(
      row.tests.some((file) => name.test(readFileSync(beside(file), 'utf8'))),
      `no test tries ${row.tool}`,
    );
  });
}

test('every action of a tool with actions has its row', () => {
  for (const { tool } of tools.filter(({ action }) => action !== null)) {
    const parameters = claw.kernel.registry.get(`tool:${tool}`)?.parameters as unknown as {
      readonly properties: { readonly action: { readonly enum: readonly string[] } };
    };
    const rows = tools.filter((row) => row.tool === tool).map(({ action }) => action);
    assert.deepEqual(rows.toSorted(), parameters.properties.action.enum.toSorted(), tool);
  }
});

/** A call of an action that leaves out what has a star is refused by the name of what is missing. */
async function refusesWithout({ tool, action, parameters }: ToolRow): Promise<void> {
  const needed = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const samples: JsonObject = { id: 1, version: 1, filename: 'USER.md' };
  for (const missing of needed) {
    const given = needed.filter((name) => name !== missing).map((name) => [name, samples[name] ?? 'x']);
    await assert.rejects(call(tool, { action: action ?? '', ...Object.fromEntries(given) }), (error: unknown) => {
      assert.ok(error instanceof ClayError && error.code === 'BAD_ARGUMENTS', String(error));
      assert.match(error.message, new RegExp(`\\b${missing}\\b`));
      return true;
    });
  }
}

for (const { name, members, plugin, tests } of agents) {
  test(`the agent ${name} is there, with those within it`, () => {
    const agent = claw.kernel.registry.get(`agent:${name}`);
    assert.ok(agent, `There is no agent "${name}".`);
    assert.equal(agent.plugin, plugin);
    const definition = JSON.stringify(agent.details);
    for (const member of members) assert.ok(definition.includes(`"name":"${member}"`), `${name} has no ${member}`);
    for (const file of tests) assert.ok(existsSync(beside(file)), file);
  });
}

test('what is gone is gone', () => {
  for (const name of gone) assert.equal(claw.kernel.registry.get(`tool:${name}`), undefined, name);
  for (const name of ['memory', 'soul', 'pi']) assert.equal(claw.kernel.registry.get(`agent:${name}`), undefined, name);
});

test('a call as the original took it is answered with what the original gave, and more', async () => {
  for (const [tool, args, answer] of calls) {
    const given = await call(tool, args);
    assert.partialDeepStrictEqual(given, answer, `${tool} ${JSON.stringify(args)}`);
    if (tool === 'extension_run') assert.match(String((given as JsonObject).output), /Ada/);
  }
});
