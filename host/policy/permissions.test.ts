import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, hostFunctions, parsePermission, permissions } from '@clay/sdk';
import { createRandom } from '@clay/sdk/testing';
import { allows, allowsSecret, effectivePermissions, secretNames, withheldPermissions } from './permissions.ts';

test('what the ceiling covers stands, what is wider shrinks to it, and the rest is withheld', () => {
  const declared = ['http:*', 'http:api.example.com', 'shell', 'memory.read', 'fs.read:files/notes'];
  const ceiling = ['http:*.example.com', 'memory.read', 'fs.read:files', 'llm'];
  assert.deepEqual(effectivePermissions(declared, ceiling), [
    'fs.read:files/notes',
    'http:*.example.com',
    'http:api.example.com',
    'memory.read',
  ]);
  assert.deepEqual(withheldPermissions(declared, ceiling), ['http:*', 'shell']);
});

test('nothing is granted beyond the declaration or beyond the ceiling, whatever both are', (t) => {
  const random = createRandom();
  t.diagnostic(`seed ${random.seed}`);
  const pool = [
    'http:*',
    'http:*.a.com',
    'http:x.a.com',
    'http:b.com',
    'shell',
    'llm',
    'fs.read:files',
    'fs.read:files/p',
    'fs.write:files/p',
    'call:service:*',
    'call:service:m.x',
    'secret:K@b.com',
  ];
  const some = () => pool.filter(() => random.below(2) === 0);
  for (let round = 0; round < 500; round++) {
    const [declared, ceiling] = [some(), some()];
    for (const text of effectivePermissions(declared, ceiling)) {
      const one = parsePermission(text);
      assert.ok(typeof one !== 'string');
      assert.ok(
        allows(declared, one) && allows(ceiling, one),
        `${text} from ${declared} under ${ceiling}, seed ${random.seed}`,
      );
    }
  }
});

test('a host pattern covers what is below it and nothing that only looks like it', () => {
  const has = (granted: string, host: string) => allows([`http:${granted}`], { name: 'http', argument: host });
  assert.ok(has('*', 'example.com'));
  assert.ok(has('*.example.com', 'api.example.com'));
  assert.ok(!has('*.example.com', 'example.com'));
  assert.ok(!has('*.example.com', 'evilexample.com'));
  assert.ok(!has('example.com', 'api.example.com'));
  assert.ok(!has('example.com', 'example.com.evil.org'));
});

test('a secret goes to the hosts declared with it only', () => {
  const held = ['secret:KEY@api.example.com', 'secret:KEY@b.example.com', 'http:*'];
  assert.deepEqual(secretNames(held), ['KEY']);
  assert.ok(allowsSecret(held, 'KEY', 'api.example.com'));
  assert.ok(!allowsSecret(held, 'KEY', 'evil.com'));
  assert.ok(!allowsSecret(held, 'OTHER', 'api.example.com'));
});

const refused = [
  'root',
  'http',
  'http:',
  'http:a b',
  'http:https://x',
  'shell:yes',
  '__proto__',
  'constructor',
  'fs.read',
  'fs.read:',
  'fs.read:/etc/passwd',
  'fs.read:files/../..',
  'fs.read:..',
  'fs.read:./x',
  'fs.read:data',
  'fs.read:data/messages.db',
  'fs.read:.env',
  'fs.read:files/.env.local',
  'fs.write:clay.json',
  'fs.read:data/token',
  'fs.read:C:\\x',
  'secret:KEY',
  'secret:KEY@',
  'secret:K E@x',
  'listen:0',
  'listen:http',
  'call:memory',
  'spawn:rm -rf',
];
for (const text of refused) {
  test(`the permission ${JSON.stringify(text)} is none`, () => {
    const parsed = parsePermission(text);
    assert.equal(typeof parsed, 'string');
    assert.match(String(parsed), /permission/i);
  });
}

test('every permission has a form that parses and covers itself', () => {
  const examples: Record<string, string> = {
    host: 'api.example.com',
    secret: 'KEY@api.example.com',
    path: 'files/p',
    capability: 'tool:x',
    port: '4242',
    command: 'git',
    none: '',
  };
  for (const [name, { argument }] of Object.entries(permissions)) {
    const parsed = parsePermission(argument === 'none' ? name : `${name}:${examples[argument]}`);
    assert.ok(typeof parsed !== 'string', String(parsed));
    assert.ok(covers(parsed, parsed));
  }
  for (const needed of Object.values(hostFunctions)) assert.ok(needed === null || Object.hasOwn(permissions, needed));
});
