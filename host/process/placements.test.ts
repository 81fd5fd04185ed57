import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ClayError, foreignText, type Json, type JsonObject, type PluginDefinition } from '@clay/sdk';
import { fakeProgram } from '../../plugins/claude/testing/fake-program.ts';
import { bundleProgram } from '../bundle/program.ts';
import type { KeptDeclarations } from './kept-declarations.ts';
import { createGeneration, openVolume, type StartedGeneration } from './testing/start-generation.ts';

/** One use of a plugin: a capability, its arguments, and what has to come back. */
interface Step {
  readonly call: string;
  readonly args?: JsonObject;
  /** A deep subset of the value, or the code of the failure. */
  readonly gives: Json;
}

interface Scenario {
  readonly config?: JsonObject;
  /** What capabilities of others answer. */
  readonly provided?: JsonObject;
  readonly steps: readonly Step[];
}

const turn = { agent: 'clay', user: 'ada', session: 's', text: '[HEARTBEAT] now' };

const noUsage = {
  calls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0,
  unpricedCalls: 0,
};

const programs = mkdtempSync(join(tmpdir(), 'clay-programs-'));
after(() => rmSync(programs, { recursive: true }));

/** What every shipped plugin has to do alike, wherever it runs. A plugin that ships and is not here fails the suite. */
const scenarios: Readonly<Record<string, Scenario>> = {
  approvals: {
    provided: { 'service:approvals.list': { rules: ['shell'], open: [], standing: [] } },
    steps: [
      {
        call: 'command:approvals',
        args: { argument: '' },
        gives: 'These need a yes: `shell`.\nNothing waits for one.',
      },
      { call: 'command:approvals', args: { argument: 'revoke 1' }, gives: 'CAPABILITY_UNKNOWN' },
    ],
  },
  usage: {
    provided: {
      'service:usage.sums': { total: noUsage, groups: [] },
      'service:usage.budgets': { timeZone: 'UTC', budgets: [] },
    },
    steps: [
      { call: 'tool:usage', args: {}, gives: { period: 'day', total: { calls: 0 }, budgets: [] } },
      { call: 'tool:usage', args: { period: 'year' }, gives: 'BAD_ARGUMENTS' },
    ],
  },
  extensions: {
    provided: {
      'service:extensions.list': [
        {
          name: 'hello',
          description: 'Greets.',
          tools: ['hello'],
          hasRun: true,
          state: 'committed',
          generation: 1,
          lastError: null,
        },
      ],
      'service:extensions.run': { output: 'Hello, Ada!' },
      'service:extensions.write': {
        isSaved: false,
        text: 'a.star:1:1: error: undefined: x',
        tools: [],
        generation: null,
        state: 'refused',
        problem: null,
      },
    },
    steps: [
      {
        call: 'tool:extension_list',
        gives: { count: 1, extensions: [{ name: 'hello', calledBy: 'hello, extension_run' }] },
      },
      { call: 'tool:extension_run', args: { name: 'hello', args: { name: 'Ada' } }, gives: { output: 'Hello, Ada!' } },
      { call: 'tool:extension_write', args: { name: 'a', source: 'x' }, gives: { saved: false } },
      { call: 'tool:extension_test', args: { name: 'a' }, gives: 'CAPABILITY_UNKNOWN' },
      { call: 'tool:extension_write', args: { name: 'a' }, gives: 'BAD_ARGUMENTS' },
    ],
  },
  'build-and-deploy': {
    provided: {
      'service:plugins.list': [],
      'service:plugins.deploy': { plugin: 'rates', generation: 2, state: 'probation', problem: null },
    },
    steps: [
      { call: 'tool:plugin_list', gives: { count: 0 } },
      { call: 'tool:build_and_deploy', args: { reason: 'faster' }, gives: { plugin: 'rates', state: 'probation' } },
      { call: 'tool:plugin_rollback', args: { name: 'rates' }, gives: 'CAPABILITY_UNKNOWN' },
      { call: 'tool:build_and_deploy', args: {}, gives: 'BAD_ARGUMENTS' },
    ],
  },
  claude: {
    config: { shell: 'on', claudeCode: { program: fakeProgram(programs), hasModel: true } },
    provided: {
      'service:llm.endpoint': { baseUrl: 'http://127.0.0.1:9', token: 'tok', model: 'glm-5', expiresAt: 0 },
      'service:llm.endpoint.end': true,
    },
    steps: [
      { call: 'tool:claude_code', args: { task: 'steps' }, gives: 'All done.' },
      { call: 'tool:claude_code', args: { task: 'node-options' }, gives: 'No flags.' },
      { call: 'tool:claude_code', args: { task: 'crash' }, gives: 'UNAVAILABLE' },
      { call: 'tool:claude_code', args: { task: 'steps', working_dir: '/etc' }, gives: 'REFUSED' },
      { call: 'tool:claude_code', args: {}, gives: 'BAD_ARGUMENTS' },
      { call: 'command:claude', args: { argument: 'forget' }, gives: 'There was nothing to forget.' },
    ],
  },
  tasks: {
    steps: [
      {
        call: 'tool:tasks',
        args: { action: 'add', title: 'Grüße schreiben', priority: 1 },
        gives: { message: 'Added task #1: Grüße schreiben (P1)' },
      },
      {
        call: 'tool:tasks',
        args: { action: 'add', title: 'second' },
        gives: { message: 'Added task #2: second (P3)' },
      },
      { call: 'tool:tasks', args: { action: 'start', id: 2 }, gives: { message: 'Started task #2: second (P3)' } },
      { call: 'tool:tasks', args: { action: 'start', id: 7 }, gives: 'NOT_FOUND' },
      { call: 'tool:tasks', args: { action: 'start', id: 'x' }, gives: 'BAD_ARGUMENTS' },
      { call: 'service:tasks.list', args: { status: 'in_progress' }, gives: { total: 1 } },
      { call: 'tool:tasks', args: { action: 'list' }, gives: { message: '2 active tasks' } },
    ],
  },
  memory: {
    steps: [
      {
        call: 'tool:memory',
        args: { action: 'store', content: 'Annabelle Lindqvist lives in Göteborg', tags: 'people', importance: 4 },
        gives: { id: 1 },
      },
      { call: 'tool:memory', args: { action: 'store', content: 'Tea is better than coffee' }, gives: { id: 2 } },
      {
        call: 'tool:memory',
        args: { action: 'search', query: 'goteborg' },
        gives: { count: 1, memories: [{ content: 'Annabelle Lindqvist lives in Göteborg' }] },
      },
      { call: 'tool:memory', args: { action: 'search', query: 'zebra' }, gives: { count: 0 } },
      { call: 'tool:memory', args: { action: 'dance' }, gives: 'BAD_ARGUMENTS' },
      { call: 'service:memory.search', args: { query: 'tea', limit: 5 }, gives: {} },
    ],
  },
  soul: {
    steps: [
      { call: 'tool:soul', args: { action: 'write', filename: 'USER.md', content: 'Ada. ☂' }, gives: {} },
      { call: 'tool:soul', args: { action: 'read', filename: 'USER.md' }, gives: { content: 'Ada. ☂' } },
      { call: 'tool:soul', args: { action: 'write', filename: 'USER.md', content: 'Ada again.' }, gives: {} },
      {
        call: 'tool:soul',
        args: { action: 'history', filename: 'USER.md' },
        gives: { versions: [{ preview: 'Ada. ☂' }] },
      },
      { call: 'tool:soul', args: { action: 'read', filename: '../clay.json' }, gives: 'BAD_ARGUMENTS' },
      {
        call: 'service:soul.list',
        args: {},
        gives: ['SOUL.md', 'IDENTITY.md', 'USER.md', 'HEARTBEAT.md', 'BOOTSTRAP.md'],
      },
    ],
  },
  heartbeat: {
    steps: [{ call: 'service:heartbeat.receipts', args: { limit: 0 }, gives: 'BAD_ARGUMENTS' }],
  },
  schedule: {
    config: { timezone: 'UTC' },
    steps: [
      {
        call: 'tool:schedule_add',
        args: { name: 'news', prompt: 'Tell the news.', cron: '0 8 * * mon-fri', timezone: 'Europe/Berlin' },
        gives: { schedule: { when: '0 8 * * mon-fri (Europe/Berlin)', catch_up: 'run-once' } },
      },
      { call: 'tool:schedule_add', args: { name: 'news', prompt: 'x', every: '2h' }, gives: 'CONFLICT' },
      { call: 'tool:schedule_add', args: { name: 'quick', prompt: 'x', every: '1m' }, gives: 'BAD_ARGUMENTS' },
      { call: 'tool:schedule_list', args: { runs: 1 }, gives: { count: 1, schedules: [{ lastRuns: [] }] } },
      { call: 'tool:schedule_remove', args: { name: 'news' }, gives: { message: 'Removed the schedule "news".' } },
      { call: 'tool:schedule_remove', args: { name: 'news' }, gives: 'NOT_FOUND' },
      { call: 'service:schedule.receipts', args: { limit: 5 }, gives: { receipts: [] } },
    ],
  },
  loops: {
    config: { maxIterations: 3 },
    steps: [{ call: 'agent:build_loop', args: { task: 'Build it.' }, gives: 'REFUSED' }],
  },
  // Without configuration it has nothing to bridge.
  matterbridge: {
    steps: [
      {
        call: 'service:matterbridge.render',
        args: { text: '**Grüße** & `a < b`' },
        gives: { parts: [{ text: '<b>Grüße</b> &amp; <code>a &lt; b</code>', format: 'html' }] },
      },
      {
        call: 'channel:matterbridge',
        args: { to: 'room/irc/#lab', text: 'hi', format: 'plain', key: '1' },
        gives: 'UNAVAILABLE',
      },
      { call: 'service:matterbridge.file', args: { to: 'room/irc/#lab', name: 'a' }, gives: 'BAD_ARGUMENTS' },
    ],
  },
  files: {
    config: { shell: 'on', roots: ['public'] },
    steps: [
      {
        call: 'tool:write',
        args: { path: 'notes/a.txt', content: 'grün\nzwei\n' },
        gives: { message: 'Wrote 11 bytes to notes/a.txt' },
      },
      { call: 'tool:read', args: { path: 'notes/a.txt' }, gives: { content: 'grün\nzwei\n' } },
      { call: 'tool:edit', args: { path: 'notes/a.txt', old_text: 'zwei', new_text: 'drei' }, gives: { replaced: 1 } },
      { call: 'tool:search', args: { content: 'drei' }, gives: {} },
      {
        call: 'tool:bash',
        args: { command: 'cat notes/a.txt; echo oops >&2; exit 3' },
        gives: { exitCode: 3, output: 'grün\ndrei\noops\n' },
      },
      { call: 'tool:bash', args: { command: 'sleep 30', timeout_ms: 100 }, gives: 'TIMEOUT' },
      { call: 'tool:read', args: { path: '../data/messages.db' }, gives: 'REFUSED' },
      { call: 'tool:read', args: { path: 'none.txt' }, gives: 'NOT_FOUND' },
    ],
  },
  // Without an address it has no platform to speak to, but its public page.
  platform: {
    steps: [
      {
        call: 'tool:publish_post',
        args: { title: 'Größe', body: '*a* <script>b</script>' },
        gives: { path: '/posts/grosse.html', post: { summary: 'a' } },
      },
      { call: 'tool:publish_post', args: { title: 'Größe', body: 'b' }, gives: 'CONFLICT' },
      { call: 'tool:publish_activity', args: { summary: 'Tea' }, gives: { count: 2 } },
      { call: 'tool:remove_post', args: { slug: 'none' }, gives: 'NOT_FOUND' },
    ],
  },
  mcp: {
    config: {
      shell: 'on',
      mcp: { variables: { GIVEN: 'yes' } },
      servers: {
        odd: {
          command: process.execPath,
          args: [join(import.meta.dirname, '..', '..', 'plugins', 'mcp', 'testing', 'odd-server.ts')],
        },
        gone: { command: '/nonexistent/server' },
      },
    },
    provided: { 'service:tools.offer': { taken: [] }, 'service:mcp.refresh': null, 'service:tools.list': [] },
    steps: [
      {
        call: 'tool:mcp_servers',
        args: { action: 'refresh', server: 'odd' },
        gives: { servers: [{ name: 'odd' }, {}] },
      },
      {
        call: 'service:mcp.run',
        args: { tool: 'odd_echo', arguments: { text: 'Grüße' } },
        gives: foreignText({ origin: 'tool', source: 'MCP server odd, tool echo', text: 'Grüße' }),
      },
      { call: 'service:mcp.run', args: { tool: 'odd_die' }, gives: 'CALL_OUTCOME_UNKNOWN' },
      { call: 'service:mcp.run', args: { tool: 'odd_none' }, gives: 'NOT_FOUND' },
      { call: 'tool:mcp_propose', args: { name: 'x', command: 'x', why: 'y' }, gives: 'CAPABILITY_UNKNOWN' },
      { call: 'tool:mcp_propose', args: { name: 'x' }, gives: 'BAD_ARGUMENTS' },
      { call: 'service:mcp.serve', args: { method: 'GET', headers: {}, body: '' }, gives: { status: 405 } },
    ],
  },
  skills: {
    steps: [
      { call: 'tool:skill_find', args: { query: '' }, gives: { count: 0, skills: [], broken: [] } },
      { call: 'tool:skill_read', args: { name: 'none' }, gives: 'NOT_FOUND' },
      { call: 'tool:skill_run', args: { skill_name: '../x' }, gives: 'NOT_FOUND' },
      { call: 'tool:skill_find', gives: 'BAD_ARGUMENTS' },
    ],
  },
  // Nothing is sent: the tests have no web.
  research: {
    steps: [
      { call: 'tool:web_fetch', args: { url: 'http://169.254.169.254/latest/meta-data' }, gives: 'REFUSED' },
      { call: 'tool:webfetch', args: { url: 'tide mills' }, gives: 'BAD_ARGUMENTS' },
      {
        call: 'tool:web_read',
        args: { urls: ['http://10.0.0.1/', 'http://[::1]/'] },
        gives: { read: 0, pages: [{ code: 'REFUSED' }, { code: 'REFUSED' }] },
      },
      { call: 'tool:web_search', args: { query: '' }, gives: 'BAD_ARGUMENTS' },
    ],
  },
  'text-browser': {
    config: { path: '/nonexistent' },
    steps: [
      { call: 'service:text-browser.render', args: { html: '<p>' }, gives: 'UNAVAILABLE' },
      { call: 'service:text-browser.render', args: {}, gives: 'BAD_ARGUMENTS' },
    ],
  },
  telegram: {
    steps: [
      {
        call: 'service:telegram.render',
        args: { text: '**a** < b' },
        gives: { parts: [{ text: '<b>a</b> &lt; b', format: 'html' }] },
      },
      { call: 'service:telegram.render', args: {}, gives: 'BAD_ARGUMENTS' },
      { call: 'service:telegram.activity', args: { chat: '1', state: 'idle' }, gives: 'CAPABILITY_UNKNOWN' },
    ],
  },
};

const shippedFolder = join(import.meta.dirname, '..', '..', 'plugins');
const shipped = readdirSync(shippedFolder).filter((name) => existsSync(join(shippedFolder, name, 'plugin.json')));
const builds = mkdtempSync(join(tmpdir(), 'clay-placements-'));
after(() => rmSync(builds, { recursive: true }));

const entryOf = (name: string) => join(builds, name, 'main.mjs');
const manifestOf = (name: string): JsonObject =>
  JSON.parse(readFileSync(join(shippedFolder, name, 'plugin.json'), 'utf8'));

before(async () => {
  const bundled = shipped.map(async (name) => {
    await bundleProgram(dirname(shippedFolder), join(shippedFolder, name, 'index.ts'), join(builds, name));
    writeFileSync(join(builds, name, 'plugin.json'), JSON.stringify(manifestOf(name)));
  });
  await Promise.all(bundled);
});

/** Runs them one by one; `between` before each. */
async function runSteps(
  started: StartedGeneration,
  steps: readonly Step[],
  between: () => Promise<void>,
): Promise<readonly Json[]> {
  const told: Json[] = [];
  for (const { call, args = {}, gives } of steps) {
    await between();
    const what = `${call} ${JSON.stringify(args)}`;
    const outcome = await started.call(call, args).catch((error: unknown) => {
      if (error instanceof ClayError) return error;
      throw error;
    });
    if (outcome instanceof ClayError) assert.equal(outcome.code, gives, `${what}: ${outcome.message}`);
    else assert.partialDeepStrictEqual(outcome as object, gives as object, what);
    // Not in the same words: what a process may not do Node may refuse before the plugin does.
    told.push(outcome instanceof ClayError ? outcome.code : outcome);
  }
  return told;
}

const keptNowhere: KeptDeclarations = { find: () => null, keep() {} };

async function untilAsleep({ transport, logged }: StartedGeneration, placement: string): Promise<void> {
  const asleep = logged('process.asleep');
  if (placement === 'asleep' && transport?.pids.length !== 0) await asleep;
}

/** All runs tell the same, but for where their volume lies and when they ran. */
function comparable(told: readonly Json[], root: string): string {
  return JSON.stringify(told, null, 1)
    .replaceAll(root, '<root>')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, '<time>');
}

test('every shipped plugin has its scenario', () => assert.deepEqual(shipped, Object.keys(scenarios).sort()));

for (const [name, { config = {}, provided = {}, steps }] of Object.entries(scenarios)) {
  const maySleep = shipped.includes(name) && manifestOf(name).idle === 'sleep';
  const where = `in a process${maySleep ? ', and when it sleeps between any two calls' : ''}`;
  test(`the plugin "${name}" does the same inline and ${where}`, { timeout: 60_000 }, async () => {
    const told: string[] = [];
    for (const placement of ['inline', 'process', ...(maySleep ? ['asleep'] : [])]) {
      await using volume = openVolume();
      const module: { default: PluginDefinition } = await import(
        pathToFileURL(join(shippedFolder, name, 'index.ts')).href
      );
      const plugin = placement === 'inline' ? module.default : entryOf(name);
      const started = createGeneration(volume, {
        manifest: { ...manifestOf(name), placement: placement === 'inline' ? 'inline' : 'process' },
        plugin,
        config,
        provided,
        ...(placement === 'asleep' ? { process: { sleep: { idleMs: 1, kept: keptNowhere } } } : {}),
      });
      await started.stage();
      await started.live();
      const declared = started.generation
        .capabilities()
        .map(({ fullName, parameters, details }) => ({ fullName, parameters, details }));
      const outcomes = await runSteps(started, steps, () => untilAsleep(started, placement));
      const prompts = started.generation.capabilities().filter(({ kind }) => kind === 'prompt');
      const rendered = await Promise.all(prompts.map(({ fullName }) => started.call(fullName, turn)));
      await started.generation.commit();
      await started.stop();
      assert.deepEqual(started.faults, []);
      told.push(comparable([declared as unknown as Json, ...outcomes, ...rendered], volume.root));
    }
    for (const other of told.slice(1)) assert.equal(other, told[0]);
  });
}
