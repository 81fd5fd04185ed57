import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@clay/sdk/testing';
import { knownSecrets } from './known-secrets.ts';
import { Redactor } from './redactor.ts';

const secret = 'sk-ant-"A/b+c=d"-Ünïcode-0123';

test('a secret is taken out wherever it stands, as it is, in JSON, in addresses, in hex and in base64', () => {
  const redactor = new Redactor([secret]);
  const texts = [
    secret,
    JSON.stringify({ key: secret }),
    `https://example.com/?key=${encodeURIComponent(secret)}&b=1`,
    Buffer.from(secret).toString('hex'),
    ...['', 'a', 'ab', 'abc', 'user:'].flatMap((before) =>
      ['', 'z', 'yz'].flatMap((behind) => [
        Buffer.from(before + secret + behind).toString('base64'),
        Buffer.from(before + secret + behind).toString('base64url'),
      ]),
    ),
  ];
  for (const text of texts) {
    const clean = redactor.text(`before ${text} behind ${text}`);
    assert.equal(clean.split('[redacted]').length, 3, clean);
    assert.ok(!clean.includes(secret.slice(10, 20)));
  }
});

test('what holds no secret is given back as it is, and nothing of it is copied', () => {
  const redactor = new Redactor([secret]);
  const value = { a: ['text', 1, null, { deep: true }], b: secret.slice(1) };
  assert.equal(redactor.json(value), value);
  const planted = { ...value, c: { [secret]: [`${secret}!`] } };
  const clean = redactor.json(planted);
  assert.deepEqual(clean, { ...value, c: { '[redacted]': ['[redacted]!'] } });
  assert.equal(clean.a, planted.a);
  assert.equal(planted.c[secret]?.[0], `${secret}!`);
});

test('values of less than eight characters are left, and a secret that is added later is taken out from then on', () => {
  const redactor = new Redactor(['short', '', null, undefined]);
  assert.equal(redactor.text('a short word'), 'a short word');
  redactor.add('later-secret');
  assert.equal(redactor.text('a later-secret word, later-secret'), 'a [redacted] word, [redacted]');
});

test('every line of a key in a PEM file is taken out, its frame is not', () => {
  const pem =
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHNlY3JldA\nc2Vjb25kIGxpbmU=\n-----END PRIVATE KEY-----\n';
  const redactor = new Redactor([pem]);
  assert.equal(redactor.text('1: MC4CAQAwBQYDK2VwBCIEIHNlY3JldA'), '1: [redacted]');
  assert.equal(redactor.text('-----BEGIN PRIVATE KEY-----'), '-----BEGIN PRIVATE KEY-----');
});

test('it finds what a plain search finds, over random texts and secrets of few letters', () => {
  const random = createRandom(7);
  const word = (length: number) => Array.from({ length }, () => random.pick(['a', 'b'])).join('');
  for (let round = 0; round < 300; round++) {
    const secrets = Array.from({ length: 1 + random.below(5) }, () => word(8 + random.below(4)));
    const text = word(200);
    const clean = new Redactor(secrets).text(text);
    for (const one of secrets) assert.ok(!clean.includes(one), `${one} in ${text}`);
    assert.equal(clean === text, !secrets.some((one) => text.includes(one)));
  }
});

test('secrets are those of the configuration, and what the environment calls one', () => {
  const config = {
    model: { provider: 'gemini', apiKey: 'model-key', model: 'm' },
    server: { host: '', port: 0, adkPort: 0, token: 'control-token', origins: [] },
    telegram: { token: 'bot-token', chatId: null, allowedUsers: [], connector: 'telegram' },
    identity: { privateKey: 'private-key', publicKey: 'public-key' },
    mcp: { variables: { GITHUB: 'github-key' } },
  } as const;
  const env = {
    BRAVE_API_KEY: 'brave',
    GATHER_PUBLIC_KEY: 'open',
    SSH_AUTH_SOCK: '/tmp/s',
    HOME: '/root',
    DB_PASSWORD: 'p',
  };
  assert.deepEqual(knownSecrets(config, env), [
    'model-key',
    'control-token',
    'bot-token',
    'private-key',
    'github-key',
    'brave',
    'p',
  ]);
});

test('a text that was harmless before is not when it turns out to hold a secret', () => {
  const redactor = new Redactor(['another-secret-value']);
  const text = 'the key is tomorrow-s-secret-key';
  assert.equal(redactor.text(text), text);
  assert.equal(redactor.json({ text }).text, text);
  redactor.add('tomorrow-s-secret-key');
  assert.equal(redactor.text(text), 'the key is [redacted]');
  assert.deepEqual(redactor.json({ text, list: [text] }), {
    text: 'the key is [redacted]',
    list: ['the key is [redacted]'],
  });
});
