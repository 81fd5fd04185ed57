import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settings } from '../config/settings.ts';
import { readUserEnvironment, userNames } from './user-environment.ts';

const read = (text: string, env: Record<string, string> = {}) =>
  readUserEnvironment(text, { CLAY_ROOT: '/nowhere', ...env });

test('values are read as a shell would write them: quotes, comments, export, escapes', () => {
  const { values, problems } = read(
    [
      '# a comment',
      '',
      'export ANTHROPIC_MODEL=glm-5 # the default',
      `GEMINI_MODEL='gemini # not a comment'`,
      'LANG="C.UTF-8"   # behind a quote',
      'TZ=Europe/Berlin\r',
      'CLAY_MAX_TOKENS = 4096',
    ].join('\n'),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(values, {
    ANTHROPIC_MODEL: 'glm-5',
    GEMINI_MODEL: 'gemini # not a comment',
    LANG: 'C.UTF-8',
    TZ: 'Europe/Berlin',
    CLAY_MAX_TOKENS: '4096',
  });
});

test('every line that cannot be taken is told with its number, and the others count', () => {
  const { values, problems } = read(
    ['just words', 'ANTHROPIC_MODEL="open', 'CLAY_MAX_TOKENS=-1', 'TZ=Mars/Olympus', 'GEMINI_MODEL=g', '=x'].join('\n'),
  );
  assert.deepEqual(values, { GEMINI_MODEL: 'g' });
  assert.deepEqual(
    problems.map((problem) => problem.slice(0, 7)),
    ['line 1:', 'line 2:', 'line 3:', 'line 4:', 'line 6:'],
  );
  assert.match(problems[2] ?? '', /CLAY_MAX_TOKENS/);
});

test('no secret, no address, no path and nothing that gives rights is taken', () => {
  const names = [
    'ANTHROPIC_API_KEY',
    'ANTHROPIC_API_BASE',
    'TELEGRAM_BOT',
    'TELEGRAM_CHAT_ID',
    'CLAY_SHELL',
    'CLAY_DB',
  ];
  const more = ['PATH', 'LD_PRELOAD', 'NODE_OPTIONS', 'CLAW_AUTH_PUBLIC_KEYS', 'BUILD_SERVICE_URL', 'CLAY_STANDBY'];
  const { values, problems } = read([...names, ...more].map((name) => `${name}=x`).join('\n'));
  assert.deepEqual(values, {});
  assert.equal(problems.length, names.length + more.length);
});

test('whatever may be taken is a setting that is no secret, or belongs to the operating system', () => {
  for (const name of userNames) {
    if (name === 'TZ' || name === 'LANG') continue;
    const setting = Object.values(settings).find((one) => one.env === name);
    assert.ok(setting !== undefined, `${name} is no setting`);
    assert.ok(!('secret' in setting && setting.secret === true), `${name} is a secret`);
  }
});

test('a provider without its key is left out, as the claw would not start with it', () => {
  const { values, problems } = read('MODEL_PROVIDER=anthropic\nTZ=UTC');
  assert.deepEqual(values, { TZ: 'UTC' });
  assert.match(problems.join(), /line 1: .*ANTHROPIC_API_KEY/s);
  assert.deepEqual(read('MODEL_PROVIDER=anthropic', { ANTHROPIC_API_KEY: 'k' }).values, {
    MODEL_PROVIDER: 'anthropic',
  });
});

test('values that fit one by one and not together are all left out', () => {
  const { values, problems } = read('CLAY_MAX_TOKENS=2048\nCLAY_THINKING_TOKENS=2000', { ANTHROPIC_API_KEY: 'k' });
  assert.deepEqual(problems, []);
  assert.equal(values.CLAY_THINKING_TOKENS, '2000');
  const clash = read('CLAY_MAX_TOKENS=2048\nCLAY_THINKING_TOKENS=4096', { ANTHROPIC_API_KEY: 'k' });
  assert.deepEqual(clash.values, {});
  assert.match(clash.problems.join(), /do(es)? not fit together/);
});

test('hostile bytes end in words, never in a throw', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let round = 0; round < 300; round++) {
    const text = Array.from({ length: 60 }, () => String.fromCharCode(Math.floor(random() * 130))).join('');
    const { values } = read(`TZ=${text}`);
    assert.ok(Object.keys(values).every((name) => userNames.has(name)));
  }
  assert.match(read('x'.repeat(70_000)).problems.join(), /70000 characters/);
});
