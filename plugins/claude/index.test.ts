import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClayError, type Json, type StreamEvent } from '@clay/sdk';
import { claudeFixture, failureOf, session } from './testing/claude-fixture.ts';

const textOf = (events: readonly StreamEvent[]) =>
  events.map((event) => (event.type === 'text' ? event.text : '')).join('');

test('what it does streams as it happens: pieces of text, tools with their arguments and results, then the answer', async (t) => {
  const { host } = await claudeFixture(t);
  const { events, value } = await host.agent('claude', 'steps', { session });
  assert.equal(value, 'All done.');
  assert.deepEqual(events, [
    { type: 'text', text: 'I will' },
    { type: 'text', text: ' look.' },
    { type: 'text', text: '\n\n' },
    { type: 'tool_call', id: 'toolu_1', name: 'Bash', args: { command: 'echo hi > out.txt' } },
    { type: 'tool_call', id: 'toolu_2', name: 'Bash', args: { command: 'false' } },
    { type: 'tool_result', id: 'toolu_1', name: 'Bash', result: { output: 'hi' } },
    { type: 'tool_result', id: 'toolu_2', name: 'Bash', result: { error: 'Exit code 1\n[image]' } },
    { type: 'text', text: 'All d' },
    { type: 'text', text: 'one.' },
  ]);
});

test('it runs in its own folder, with its own home, the token of this run and nothing else of the host', async (t) => {
  const { host, root, seen, opened, ended } = await claudeFixture(t, { config: { maxTurns: 7, maxCostUsd: 0.5 } });
  await host.agent('claude', 'steps', { session });
  const [run] = seen();
  assert.ok(run);
  const home = join(root, 'data', 'files', 'claude');
  assert.equal(run.cwd, join(home, 'work'));
  assert.equal(run.task, 'steps');
  const { environment, args } = run;
  const {
    CLAY_CLAUDE_RUN: mark,
    CLAY_CLAUDE_OWNER: owner,
    PWD: _pwd,
    OLDPWD: _old,
    SHLVL: _level,
    _: __,
    ...rest
  } = environment;
  assert.match(mark ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(owner, String(process.pid));
  assert.deepEqual(
    Object.keys(rest)
      .filter((name) => !/^(PATH|LANG|TZ)$/.test(name))
      .sort(),
    [
      'ANTHROPIC_AUTH_TOKEN',
      'ANTHROPIC_BASE_URL',
      'ANTHROPIC_DEFAULT_HAIKU_MODEL',
      'ANTHROPIC_DEFAULT_OPUS_MODEL',
      'ANTHROPIC_DEFAULT_SONNET_MODEL',
      'ANTHROPIC_MODEL',
      'BASH_DEFAULT_TIMEOUT_MS',
      'BASH_MAX_TIMEOUT_MS',
      'CLAUDE_CODE_ATTRIBUTION_HEADER',
      'CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS',
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
      'CLAUDE_CODE_DISABLE_THINKING',
      'CLAUDE_CODE_MAX_OUTPUT_TOKENS',
      'CLAUDE_CODE_MAX_RETRIES',
      'CLAUDE_CONFIG_DIR',
      'DISABLE_AUTOUPDATER',
      'HOME',
      'TMPDIR',
    ],
  );
  assert.equal(rest.ANTHROPIC_AUTH_TOKEN, 'tok-1');
  assert.equal(rest.ANTHROPIC_BASE_URL, 'http://127.0.0.1:9');
  assert.equal(rest.ANTHROPIC_DEFAULT_HAIKU_MODEL, 'glm-5');
  assert.equal(rest.HOME, join(home, 'home'));
  assert.equal(args.includes('steps'), false);
  assert.deepEqual(args.slice(0, 2), ['-p', '--bare']);
  const after = (name: string) => args[args.indexOf(name) + 1];
  assert.equal(after('--max-turns'), '7');
  assert.equal(after('--max-budget-usd'), '0.5');
  assert.equal(after('--tools'), 'Bash,Read,Edit');
  assert.ok(args.includes(`Edit(/${home}/work/**)`));
  assert.equal(after('--permission-mode'), 'dontAsk');
  assert.deepEqual(opened, [{ maxCalls: 18, forMs: 65_000 }]);
  assert.deepEqual(ended, [{ token: 'tok-1' }]);
  assert.equal(rest.TMPDIR, join(home, 'tmp'));
  assert.equal(existsSync(join(home, 'tmp')), false);
});

test('a conversation goes on where it was, and another one begins anew', async (t) => {
  const { host, seen } = await claudeFixture(t);
  assert.equal((await host.agent('claude', 'one', { session })).value, 'You said: one. Before: .');
  assert.equal((await host.agent('claude', 'two', { session })).value, 'You said: two. Before: one.');
  const other = { ...session, id: 's2' };
  assert.equal((await host.agent('claude', 'three', { session: other })).value, 'You said: three. Before: .');
  assert.equal((await host.agent('claude', 'four')).value, 'You said: four. Before: .');
  assert.deepEqual(
    seen().map(({ args }) => args.includes('--resume')),
    [false, true, false, false],
  );
});

test('a conversation that Claude Code has lost begins anew, once, without the person noticing', async (t) => {
  const { host, settingsFile, seen, ended } = await claudeFixture(t);
  await host.agent('claude', 'one', { session });
  rmSync(settingsFile('sessions'), { recursive: true });
  const { value, events } = await host.agent('claude', 'two', { session });
  assert.equal(value, 'You said: two. Before: .');
  assert.equal(textOf(events), 'You said: two. Before: .');
  assert.equal(seen().length, 3);
  assert.equal(ended.length, 3);
  assert.equal((await host.agent('claude', 'three', { session })).value, 'You said: three. Before: two.');
});

test('a person can let it forget a conversation', async (t) => {
  const { host } = await claudeFixture(t);
  await host.agent('claude', 'one', { session });
  const forget = () => host.call('command:claude', { argument: 'forget' }, { session });
  assert.equal(await forget(), 'Claude Code begins anew.');
  assert.equal(await forget(), 'There was nothing to forget.');
  assert.equal((await host.agent('claude', 'two', { session })).value, 'You said: two. Before: .');
});

test('the tool gives the whole answer as text, however long, and tells what is being done', async (t) => {
  const { host } = await claudeFixture(t);
  assert.equal(await host.tool('claude_code', { task: 'steps' }), 'All done.');
  assert.deepEqual(host.progress, ['Bash: echo hi > out.txt', 'Bash: false']);
  const long = 'x'.repeat(6000);
  assert.equal(await host.tool('claude_code', { task: long }), `You said: ${long}. Before: .`);
});

test('a working folder is one of those that the operator allows, also behind a link', async (t) => {
  const { host, root, seen } = await claudeFixture(t, { config: { roots: ['data/plugins'] } });
  const rates = join(root, 'data', 'plugins', 'rates');
  mkdirSync(rates, { recursive: true });
  await host.tool('claude_code', { task: 'steps', working_dir: 'data/plugins/rates' });
  await host.tool('claude_code', { task: 'steps', working_dir: rates });
  assert.deepEqual(
    seen().map(({ cwd }) => cwd),
    [rates, rates],
  );
  assert.ok(seen()[0]?.args.includes(`Edit(/${join(root, 'data', 'files', 'claude', 'work')}/**)`));
  symlinkSync('/', join(rates, 'out'));
  for (const working_dir of ['/etc', 'data/plugins/rates/out/etc', '..']) {
    const { code, message } = await failureOf(host.tool('claude_code', { task: 'steps', working_dir }));
    assert.equal(code, 'REFUSED', message);
  }
  const missing = await failureOf(host.tool('claude_code', { task: 'steps', working_dir: 'nowhere' }));
  assert.equal(missing.code, 'NOT_FOUND');
  assert.match(missing.message, /nowhere does not exist\. Claude Code works in .*data\/plugins/);
  assert.equal((await failureOf(host.tool('claude_code', { task: ' ' }))).code, 'BAD_ARGUMENTS');
});

test('a task is no command of the program', async (t) => {
  const { host, seen } = await claudeFixture(t);
  await host.tool('claude_code', { task: '/clear and -p' });
  assert.equal(seen()[0]?.task, 'Task: /clear and -p');
  assert.ok(seen()[0]?.args.includes('--disable-slash-commands'));
});

test('text that comes only whole is shown, and none is shown twice', async (t) => {
  const { host } = await claudeFixture(t);
  const { events, value } = await host.agent('claude', 'whole-only');
  assert.deepEqual([textOf(events), value], ['Said at once.', 'Said at once.']);
});

test('what it was not allowed to do is said with the answer, each thing once', async (t) => {
  const { host } = await claudeFixture(t);
  const { value } = await host.agent('claude', 'denied');
  assert.equal(value, 'I could not remove it.\n\n(It was not allowed to: Bash: rm -rf out.txt)');
});

test('retries are told while they last', async (t) => {
  const { host } = await claudeFixture(t);
  assert.equal((await host.agent('claude', 'retries')).value, 'There it is.');
  assert.deepEqual(host.progress, [
    'The model fails (overloaded); trying again, 1 of 4',
    'The model fails (overloaded); trying again, 2 of 4',
  ]);
});

test('lines that are no events are passed over, and told to the operator', async (t) => {
  const { host } = await claudeFixture(t);
  assert.equal((await host.agent('claude', 'garbage')).value, 'Fine.');
  const told = host.logs.filter(({ event }) => event === 'claude.output.unreadable');
  assert.deepEqual(
    told.map(({ fields }) => fields?.beginning),
    ['Warning: not JSON', '{"type":', '[1]', '"text"', '{"no":"type"}', '{"cut'],
  );
});

test('a line of megabytes comes through, and the person sees its beginning', async (t) => {
  const { host } = await claudeFixture(t);
  const { events, value } = await host.agent('claude', 'large');
  assert.equal(value, 'Written.');
  const [call, result] = events;
  assert.ok(call?.type === 'tool_call' && result?.type === 'tool_result');
  const { new_string: shown } = call.args as { new_string: string };
  assert.match(shown, /^ü{500} \[… 999500 more characters\]$/);
  assert.ok(JSON.stringify(result).length < 3000);
});

const failures: readonly (readonly [play: string, code: string, message: RegExp, output: string])[] = [
  ['max-turns', 'TOO_LARGE', /stopped after 40 steps \("maxTurns"\).*Give it the next task to go on/, 'First half.'],
  ['budget', 'TOO_LARGE', /stopped at 0\.5 US dollars \("maxCostUsd"\)/, ''],
  ['api-error', 'MODEL', /its model failed: API Error: 529 busy/, 'API Error: 529 busy'],
  ['odd', 'UNAVAILABLE', /failed \(error_during_execution\): the disk is full/, ''],
  ['crash', 'UNAVAILABLE', /ended without a result \(exit code 7\): panic: out of cheese/, 'Half of'],
  ['killed', 'UNAVAILABLE', /ended without a result \(signal SIGKILL\)/, 'Half.'],
];
for (const [play, code, message, output] of failures) {
  test(`a run that ends with "${play}" is told plainly, with what was written`, async (t) => {
    const { host, ended } = await claudeFixture(t, { config: { maxCostUsd: 0.5 } });
    const error = await failureOf(host.agent('claude', play));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok((error.details.output ?? '').startsWith(output), String(error.details.output));
    assert.equal(ended.length, 1);
  });
}

test('the exit code of a crash is told', async (t) => {
  const { host } = await claudeFixture(t);
  const error = await failureOf(host.agent('claude', 'crash'));
  assert.equal(error.details.exitCode, 7);
});

test('a program that cannot be started is told with its path', async (t) => {
  const program = '/nowhere/claude';
  const { host, ended } = await claudeFixture(t, { config: { claudeCode: { program, hasModel: true } } });
  const error = await failureOf(host.agent('claude', 'steps'));
  assert.equal(error.code, 'UNAVAILABLE');
  assert.match(error.message, /\/nowhere\/claude could not be started in .*work: .*ENOENT/);
  assert.equal(ended.length, 1);
});

const absences: readonly [string, Record<string, Json>, RegExp][] = [
  [
    'the program',
    { claudeCode: { program: null, hasModel: true } },
    /npm install -g @anthropic-ai\/claude-code.*CLAUDE_BIN/,
  ],
  ['the shell', { shell: 'off' }, /CLAY_SHELL=off/],
  ['a model that fits', { claudeCode: { program: '/bin/true', hasModel: false } }, /Anthropic Messages API/],
];
for (const [what, config, words] of absences) {
  test(`without ${what} there is no agent and no tool, and people are told why`, async (t) => {
    const { host } = await claudeFixture(t, { config });
    assert.deepEqual(
      [...host.capabilities.keys()].filter((name) => !name.startsWith('command:')),
      [],
    );
    assert.match(await host.command('claude'), words);
    assert.match(String(host.logs.find(({ event }) => event === 'claude.absent')?.fields?.problem), words);
  });
}

test('with the program there, people are told where it works', async (t) => {
  const { host, root } = await claudeFixture(t);
  const told = await host.command('claude');
  assert.ok(told.includes(join(root, 'data', 'files', 'claude', 'work')), told);
});

test('where the operator wants to be asked, a person is, before anything runs', async (t) => {
  const asked: Json[] = [];
  let choice: string | null = 'yes';
  const { host, seen } = await claudeFixture(t, {
    config: { shell: 'ask' },
    provided: {
      'service:chat.ask': (args: Json) => {
        asked.push(args);
        return { choice, ...(choice === null && { reason: 'timeout' }) };
      },
    },
  });
  assert.equal((await host.agent('claude', 'steps', { session })).value, 'All done.');
  assert.match(
    String((asked[0] as { question: string }).question),
    /Claude Code wants to work in .*work.*The task: steps/,
  );
  choice = 'no';
  assert.equal((await failureOf(host.agent('claude', 'steps'))).code, 'REFUSED');
  choice = null;
  const silence = await failureOf(host.agent('claude', 'steps'));
  assert.deepEqual([silence.code, /timeout/.test(silence.message)], ['NEEDS_APPROVAL', true]);
  assert.equal(seen().length, 1);
});

test('where nobody can be asked, nothing runs', async (t) => {
  const { host, seen } = await claudeFixture(t, { config: { shell: 'ask' } });
  assert.equal((await failureOf(host.agent('claude', 'steps'))).code, 'NEEDS_APPROVAL');
  assert.equal(seen().length, 0);
});

test('a claw whose model cannot be opened says so, and starts nothing', async (t) => {
  const { host, seen } = await claudeFixture(t, {
    provided: {
      'service:llm.endpoint': () => {
        throw new ClayError('UNAVAILABLE', 'The claw’s model comes from "offline".');
      },
    },
  });
  const error = await failureOf(host.agent('claude', 'steps'));
  assert.match(error.message, /comes from "offline"/);
  assert.equal(seen().length, 0);
});
