import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { systemClock } from '../clock.ts';
import { echo, makeEvent } from '../gateway/testing/fake-agent-host.ts';
import type { Question } from '../store/delivery/question-store.ts';
import { openStore } from '../store/open-store.ts';
import { runClay } from './testing/run-clay.ts';
import { type RunningClaw, startClaw } from './testing/running-claw.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-cli-test-'));
let claw: RunningClaw;
let here: { readonly env: { readonly CLAY_ROOT: string } };
before(async () => {
  claw = await startClaw();
  here = { env: { CLAY_ROOT: claw.root } };
});
afterEach(() => {
  claw.agentHost.script = echo;
});
after(async () => {
  await claw.stop();
  rmSync(folder, { recursive: true });
});

const answers: typeof echo = async function* (_request, turn) {
  yield makeEvent(turn.id, [{ functionCall: { id: '1', name: 'memory', args: { action: 'recall' } } }]);
  yield makeEvent(turn.id, [{ functionResponse: { id: '1', name: 'memory', response: { count: 0 } } }]);
  yield makeEvent(turn.id, [{ text: 'Hel' }], { partial: true });
  yield makeEvent(turn.id, [{ text: 'lo\u001b[2J.' }], { partial: true });
  yield makeEvent(turn.id, [{ text: 'Hello\u001b[2J.' }]);
  return { text: 'Hello.' };
};

test('without a command, and with help, the commands are listed; help of one tells its options', async () => {
  for (const args of [[], ['help'], ['--help']]) {
    const { code, out } = await runClay(args);
    assert.equal(code, 0);
    for (const name of [
      'start',
      'chat',
      'config',
      'doctor',
      'plugins',
      'generations',
      'rollback',
      'quarantine',
      'unquarantine',
      'crashes',
      'watch',
      'grant',
      'revoke',
      'grants',
      'new',
      'check',
      'dev',
      'tools',
      'sessions',
      'backup',
      'restore',
      'version',
    ]) {
      assert.match(out, new RegExp(`^ {2}${name} `, 'm'));
    }
    assert.ok(!out.includes('\u001b'), 'no colour codes in a pipe');
  }
  const help = await runClay(['chat', '--help']);
  assert.match(help.out, /--session NAME/);
  assert.deepEqual(help, await runClay(['help', 'chat']));
});

test('a wrong command, option or argument is named, with what may have been meant, and the exit code is 2', async () => {
  const cases: [string[], RegExp][] = [
    [['chta'], /no command "chta"; did you mean chat\?/],
    [['__proto__'], /no command "__proto__"/],
    [['chat', '--sesion', 'x'], /chat has no option --sesion; did you mean --session\?/],
    [['version', 'extra'], /version does not take "extra"/],
    [['chat', '--new', '--session', 'x', 'hi'], /--session or --new/],
    [['sessions', 'burn'], /does not know "burn"/],
    [['sessions', 'show'], /needs a NAME/],
    [['sessions', 'rewind', 'x', '--turns', 'two'], /--turns is "two"/],
    [['restore'], /needs the FILE/],
    [['chat'], /nothing to say/],
  ];
  for (const [args, expected] of cases) {
    const { code, err, out } = await runClay(args, here);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, expected);
    assert.equal(out, '');
  }
});

test('chat prints the answer on standard output and the tools beside it, without control codes', async () => {
  claw.agentHost.script = answers;
  const { code, out, err } = await runClay(['chat', 'hi', 'there'], here);
  assert.equal(code, 0, err);
  assert.equal(out, 'Hello[2J.\n');
  assert.match(err, /^→ memory \{"action":"recall"\}$/m);
  assert.match(err, /^✓ memory \{"count":0\}$/m);
});

test('chat takes what is piped in, alone or behind the message', async () => {
  assert.equal((await runClay(['chat'], { ...here, input: 'from a pipe\n' })).out, 'You said: from a pipe\n');
  const both = await runClay(['chat', 'sum', 'up:'], { ...here, input: 'a\nb\n' });
  assert.equal(both.out, 'You said: sum up:\n\na\nb\n');
});

test('chat --json prints every event as a line', async () => {
  claw.agentHost.script = answers;
  const { out } = await runClay(['chat', '--json', 'hi'], here);
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(events.length, 5);
  assert.equal(events[0].content.parts[0].functionCall.name, 'memory');
});

test('chat stays in the latest conversation, makes a new one when asked, and uses one by its name', async () => {
  const sessions = () => claw.agentHost.sessions.list('clay', 'pat').map(({ id }) => id);
  const chat = (...args: string[]) => runClay(['chat', '--user', 'pat', ...args], here);
  await chat('one');
  await chat('two');
  assert.equal(sessions().length, 1);
  await chat('--new', 'three');
  assert.equal(sessions().length, 2);
  await chat('--session', 'work', 'four');
  await chat('--session', 'work', 'five');
  assert.deepEqual(sessions().slice(2), ['work']);
});

test('a failed turn shows the reason and ends with 1', async () => {
  claw.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [], { errorCode: 'MODEL_AUTH', errorMessage: 'The key is wrong.' });
    return { status: 'failed' };
  };
  const { code, err } = await runClay(['chat', 'hi'], here);
  assert.equal(code, 1);
  assert.match(err, /The key is wrong\./);
});

test('Ctrl-C cancels the turn at the claw, shows its end, and ends with 130', async () => {
  const stopped = Promise.withResolvers<void>();
  claw.agentHost.script = async function* (_request, turn) {
    yield makeEvent(turn.id, [{ text: 'working' }]);
    await new Promise((_resolve, reject) => {
      turn.signal.addEventListener('abort', () => reject(turn.signal.reason));
    }).finally(() => stopped.resolve());
    return {};
  };
  const { code, out } = await runClay(['chat', 'hi'], {
    ...here,
    onStart: (child) => child.stdout.once('data', () => child.kill('SIGINT')),
  });
  await stopped.promise;
  assert.equal(code, 130);
  assert.equal(out, 'working\n');
});

test('without a claw every command that needs one says how to start it', async () => {
  for (const args of [['chat', 'hi'], ['plugins'], ['tools'], ['sessions']]) {
    const none = await runClay(args, { env: { CLAY_ROOT: join(folder, 'none') } });
    assert.equal(none.code, 1);
    assert.match(none.err, /No claw runs on .*npm start.*CLAY_URL/);
    const gone = await runClay(args, { env: { CLAY_URL: 'http://127.0.0.1:1' } });
    assert.equal(gone.code, 1);
    assert.match(gone.err, /No claw answers at http:\/\/127\.0\.0\.1:1 \(from CLAY_URL\)/);
  }
  const bad = await runClay(['tools'], { env: { CLAY_URL: 'ftp://x' } });
  assert.match(bad.err, /CLAY_URL is "ftp:\/\/x"/);
});

test('a distant claw gets CLAY_TOKEN, and never the token of the claw in this folder', async () => {
  const seen: (string | undefined)[] = [];
  const { createServer: createHttpServer } = await import('node:http');
  const server = createHttpServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"no token","code":"TOKEN_MISSING"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const CLAY_URL = `http://127.0.0.1:${(server.address() as { readonly port: number }).port}`;
  const without = await runClay(['tools'], { env: { ...here.env, CLAY_URL } });
  assert.match(without.err, /no token/);
  await runClay(['tools'], { env: { ...here.env, CLAY_URL, CLAY_TOKEN: 'for-the-distant-one' } });
  server.close();
  assert.deepEqual(seen, [undefined, 'Bearer for-the-distant-one']);
});

test('sessions are listed, shown, rewound and deleted', async () => {
  const sessions = (...args: string[]) => runClay(['sessions', ...args, '--user', 'kim'], here);
  assert.match((await sessions()).out, /no conversations yet/);
  for (const text of ['one', 'two']) await runClay(['chat', '--user', 'kim', '--session', 'talk', text], here);
  assert.match((await sessions('list')).out, /^talk {2}\d{4}-/);
  const shown = await sessions('show', 'talk');
  assert.equal(shown.out, 'you › one\nYou said: one\nyou › two\nYou said: two\n');
  assert.equal((await sessions('rewind', 'talk')).out, 'talk has 2 events left.\n');
  assert.doesNotMatch((await sessions('show', 'talk')).out, /two/);
  assert.equal((await sessions('delete', 'talk')).out, 'Deleted talk.\n');
  const gone = await sessions('show', 'talk');
  assert.equal(gone.code, 1);
  assert.match(gone.err, /no session "talk"/);
});

test('config shows each value with its origin, masks secrets, and names everything that is wrong at once', async () => {
  const root = join(folder, 'config');
  mkdirSync(root);
  writeFileSync(join(root, 'clay.json'), '{ "limits": { "maxLlmCalls": 7 } }');
  const env = { CLAY_ROOT: root, ANTHROPIC_API_KEY: 'sk-1234567890abcdef', CLAY_PORT: '9999', CLAY_PROT: '1' };
  const { code, out, err } = await runClay(['config'], { env });
  assert.equal(code, 0, err);
  assert.match(out, /limits\.maxLlmCalls +7 +clay\.json/);
  assert.match(out, /server\.port +9999 +environment CLAY_PORT/);
  assert.match(out, /ANTHROPIC_API_KEY +…cdef \(19 characters\)/);
  assert.doesNotMatch(out, /sk-1234/);
  assert.match(err, /CLAY_PROT is not a variable that Clay knows; did you mean CLAY_PORT/);
  const json = JSON.parse((await runClay(['config', '--json'], { env })).out);
  assert.deepEqual(json.values['limits.maxLlmCalls'], { value: 7, origin: 'clay.json' });
  const wrong = await runClay(['config'], { env: { ...env, CLAY_PORT: 'many', CLAY_SHELL: 'maybe' } });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /CLAY_PORT: [\s\S]*CLAY_SHELL: /);
  assert.doesNotMatch(wrong.err, /\n +at /, 'no stack for a mistake of the operator');
});

test('doctor says of each thing whether it is well, and what to do where it is not', async () => {
  const well = await runClay(['doctor', '--model', '--json'], { env: { ...here.env, CLAY_PORT: '0', ADK_PORT: '0' } });
  const findings = JSON.parse(well.out);
  const of = (what: string) => findings.find((finding: { what: string }) => finding.what === what);
  for (const what of ['Node', 'configuration', 'volume', 'host', 'token', 'database', 'model answers']) {
    assert.equal(of(what)?.state, 'ok', what);
  }
  assert.equal(well.code, 0);

  const root = join(folder, 'ill');
  const data = join(root, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'token'), 'a-token-that-others-see\n');
  chmodSync(join(data, 'token'), 0o644);
  writeFileSync(join(data, 'messages.db'), 'this is no database, and long enough to be taken for one'.repeat(100));
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { readonly port: number };
  const ill = await runClay(['doctor'], { env: { CLAY_ROOT: root, CLAY_PORT: String(port), ADK_PORT: '0' } });
  taken.close();
  assert.equal(ill.code, 1);
  assert.match(ill.out, /✗ +CLAY_PORT +127\.0\.0\.1:\d+ is in use.*\n.*→ .*set CLAY_PORT/);
  assert.match(ill.out, /! +token .*mode 644.*\n.*→ .*chmod 600/);
  assert.match(ill.out, /✗ +database .*\n.*→ .*clay restore/);
  assert.match(ill.out, /! +model +offline/);
});

test('what waits for a yes is shown and answered from the terminal; which of several has to be said', async () => {
  const ask = (id: string): Question => ({
    id,
    key: id,
    channel: null,
    chat: null,
    text: `May I, ${id}?`,
    choices: [{ id: 'yes', label: 'Yes, once' }],
    firstNumber: 1,
    state: 'open',
    choice: null,
    answeredBy: null,
    askedAt: 0,
    expiresAt: 60_000,
  });
  const answers: string[] = [];
  let open = [ask('q1'), ask('q2')];
  const questions = {
    open: () => open,
    answer(id: string, choice: string, by: string) {
      answers.push(`${id} ${choice} ${by}`);
      open = open.filter((one) => one.id !== id);
      return { state: 'answered', text: '✓ Yes, once' } as const;
    },
  };
  const own = await startClaw({ parts: { questions } });
  const env = { env: { CLAY_ROOT: own.root } };
  try {
    assert.match(
      (await runClay(['questions'], env)).out,
      /May I, q1\?\n\n {2}yes \(Yes, once\)\n {2}until .*clay questions q1 CHOICE/,
    );
    assert.match((await runClay(['questions', 'yes'], env)).err, /2 questions are open.*q1, q2/);
    assert.match((await runClay(['questions', 'q2', 'yes'], env)).out, /✓ Yes, once/);
    assert.equal((await runClay(['questions', 'yes'], env)).code, 0);
    assert.deepEqual(answers, ['q2 yes console', 'q1 yes console']);
    assert.match((await runClay(['questions'], env)).out, /Nothing waits/);
  } finally {
    await own.stop();
  }
});

test('config of a plugin that ships tells what its section may hold, and a wrong name what is near', async () => {
  const { out, code } = await runClay(['config', 'schedule']);
  assert.equal(code, 0);
  assert.match(out, /^minInterval +"5m" +Shortest time between two runs/m);
  assert.match((await runClay(['config', 'tasks'])).out, /no settings of its own/);
  const wrong = await runClay(['config', 'shedule']);
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /No plugin that ships is named "shedule"; did you mean schedule\?/);
});

test('doctor finds what cannot be written below the root, and blames no sound database for it', async () => {
  const root = join(folder, 'closed');
  mkdirSync(join(root, 'data', 'messages.db'), { recursive: true });
  writeFileSync(join(root, 'soul'), 'a file where a folder belongs');
  const { code, out } = await runClay(['doctor'], { env: { CLAY_ROOT: root, CLAY_PORT: '0', ADK_PORT: '0' } });
  assert.equal(code, 1);
  assert.match(
    out,
    /✗ +volume +\S+closed\/soul cannot be written: ENOTDIR.*\n.*→ Give this user .* the right to write/,
  );
  assert.match(out, /✗ +database .*cannot be read.*\n.*→ The file may be sound/);
  assert.doesNotMatch(out, /clay restore/);
});

test('a stopped claw is backed up and restored; a running one makes its own copy; a held volume is not restored over', async () => {
  const root = join(folder, 'kept');
  const data = join(root, 'data');
  const env = { CLAY_ROOT: root };
  const open = () =>
    openStore({
      database: join(data, 'messages.db'),
      data,
      backups: join(data, 'backups'),
      keepBackups: 3,
      clock: systemClock,
    });
  const nothing = await runClay(['backup'], { env });
  assert.equal(nothing.code, 1);
  assert.match(nothing.err, /no database/);
  mkdirSync(data, { recursive: true });
  const store = open();
  store.settings.set('mood', 'good');
  store.close();
  const copy = join(folder, 'copy.db');
  const made = await runClay(['backup', copy], { env });
  assert.equal(made.out, `${copy}\n`, made.err);
  assert.match((await runClay(['backup', copy], { env })).err, /exists already/);

  const holder = open();
  holder.settings.set('mood', 'bad');
  const held = await runClay(['restore', copy], { env });
  assert.equal(held.code, 1);
  assert.match(held.err, /Another Clay host holds/);
  assert.doesNotMatch(held.err, /\n +at /);
  holder.close();
  const restored = await runClay(['restore', copy], { env });
  assert.equal(restored.code, 0, restored.err);
  assert.match(restored.out, /What was there is .*before-restore/);
  const again = open();
  assert.equal(again.settings.get('mood'), 'good');
  again.close();
  assert.match((await runClay(['restore', join(folder, 'none.db')], { env })).err, /no backup .*none\.db/);

  assert.ok(!existsSync('/backups/1.db'));
  const running = await runClay(['backup'], here);
  assert.equal(running.out, '/backups/1.db\n', running.err);
});

test('version tells Clay and Node', async () => {
  assert.match((await runClay(['version'])).out, /^clay \d+\.\d+\.\d+ \(Node 26\./);
  assert.deepEqual(await runClay(['--version']), await runClay(['version']));
});

test('the token of a claw is never sent to an address beyond this machine, whatever its files say', async () => {
  const root = mkdtempSync(join(folder, 'changed-'));
  mkdirSync(join(root, 'data'));
  writeFileSync(join(root, 'data', 'token'), 'a-token-of-43-characters-that-is-worth-much', { mode: 0o600 });
  for (const adkUrl of [
    'http://evil.example:8081',
    'https://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
    'x',
  ]) {
    writeFileSync(join(root, 'data', 'run.json'), JSON.stringify({ pid: 1, publicUrl: adkUrl, adkUrl }));
    const { code, err } = await runClay(['tools'], { env: { CLAY_ROOT: root } });
    assert.equal(code, 1);
    assert.ok(err.includes(`run.json names ${JSON.stringify(adkUrl)}, which is no address of this machine`), err);
  }
});
