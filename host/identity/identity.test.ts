import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { definePlugin, type Json } from '@clay/sdk';
import { sourceOf, startKernel } from '../kernel/testing/kernel-fixture.ts';
import { findIdentity, identityFile } from './find-identity.ts';
import { identityServices } from './identity-services.ts';
import { makeKeyPair, readPrivateKey, secretTextOf } from './key-pair.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const der = privateKey.export({ format: 'der', type: 'pkcs8' });
const publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
const publicDer = publicKey.export({ format: 'der', type: 'spki' });
const seed = der.subarray(-32);
const raw = publicDer.subarray(-32);
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');

function dataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'clay-identity-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a private key is read in every form that people keep it in', () => {
  const forms: Readonly<Record<string, string>> = {
    'base64 of PEM': base64(pem),
    'base64 of PEM in lines': base64(pem).replaceAll(/.{64}/g, '$&\n'),
    PEM: pem,
    'PEM with written line breaks': pem.replaceAll('\n', '\\n'),
    'base64 of DER': base64(der),
    'base64 of the seed': base64(seed),
    'base64url of the seed': seed.toString('base64url'),
    'hex of the seed': seed.toString('hex'),
    'base64 of seed and public key': base64(Buffer.concat([seed, raw])),
  };
  for (const [form, text] of Object.entries(forms)) {
    const pair = readPrivateKey(text, 'GATHER_PRIVATE_KEY');
    assert.equal(pair.publicPem, publicPem, form);
    assert.ok(verify(null, Buffer.from('x'), publicKey, sign(null, Buffer.from('x'), pair.privateKey)), form);
  }
});

test('what is no private key is refused by the name of its setting, and its text is never told', () => {
  const wrong = {
    words: 'not a key at all!',
    short: base64(seed.subarray(1)),
    public: base64(publicPem),
    rsa: base64(
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'pem', type: 'pkcs8' }),
    ),
    x25519: base64(generateKeyPairSync('x25519').privateKey.export({ format: 'der', type: 'pkcs8' })),
    halves: base64(Buffer.concat([seed, seed])),
  };
  for (const [name, text] of Object.entries(wrong)) {
    assert.throws(
      () => readPrivateKey(text, 'GATHER_PRIVATE_KEY'),
      (error: Error) => /GATHER_PRIVATE_KEY/.test(error.message) && !error.message.includes(text.slice(0, 20)),
      name,
    );
  }
});

test('the public key has to be the private key’s own, and is of no use alone', (t) => {
  const data = dataFolder(t);
  for (const text of [base64(publicPem), publicPem, base64(publicDer), base64(raw)])
    assert.equal(findIdentity({ privateKey: base64(seed), publicKey: text }, data).from, 'GATHER_PRIVATE_KEY');
  const other = base64(makeKeyPair().publicPem);
  assert.throws(() => findIdentity({ privateKey: pem, publicKey: other }, data), /GATHER_PUBLIC_KEY does not belong/);
  assert.throws(
    () => findIdentity({ privateKey: null, publicKey: base64(publicPem) }, data),
    /without GATHER_PRIVATE_KEY/,
  );
});

test('a claw without keys makes its own once, for its own eyes only', (t) => {
  const data = dataFolder(t);
  const none = { privateKey: null, publicKey: null };
  const made = findIdentity(none, data);
  assert.deepEqual([made.isNew, made.from], [true, 'file']);
  assert.match(made.pair.fingerprint, /^[0-9a-f]{64}$/);
  assert.equal(statSync(identityFile(data)).mode & 0o777, 0o600);
  const again = findIdentity(none, data);
  assert.deepEqual([again.isNew, again.pair.fingerprint], [false, made.pair.fingerprint]);
  chmodSync(identityFile(data), 0o644);
  assert.equal(findIdentity(none, data).wasExposed, true);
  assert.equal(statSync(identityFile(data)).mode & 0o777, 0o600);
  writeFileSync(identityFile(data), 'broken');
  assert.throws(() => findIdentity(none, data), /identity\.pem is not an Ed25519 private key/);
  assert.equal(readFileSync(identityFile(data), 'utf8'), 'broken');
});

test('keys that the operator sets leave no file', (t) => {
  const data = dataFolder(t);
  assert.equal(findIdentity({ privateKey: pem, publicKey: null }, data).pair.publicPem, publicPem);
  assert.equal(existsSync(identityFile(data)), false);
});

test('a plugin that ships signs with the claw’s key without ever seeing it; others need a grant', async () => {
  const pair = makeKeyPair();
  const bytes = Buffer.from('nonce');
  const optional = ['service:identity.public', 'service:identity.sign'];
  const prover = (name: string, permissions: readonly string[] = []) =>
    definePlugin({
      name,
      optional,
      permissions,
      setup(ctx) {
        ctx.tool({
          name: `${name}_prove`,
          description: 'Proves.',
          run: async () => ({
            ...((await ctx.call('service:identity.public', {})) as object),
            ...((await ctx.call('service:identity.sign', { bytes: base64(bytes) })) as object),
          }),
        });
      },
    });
  const right = ['call:service:identity.public', 'call:service:identity.sign'];
  const volume = { origin: 'volume' as const };
  await using claw = await startKernel(
    [
      prover('shipped'),
      sourceOf(prover('granted', right), volume),
      sourceOf(prover('wishful', right), volume),
      sourceOf(prover('silent'), volume),
    ],
    { ceilings: { '*': [], granted: right } },
  );
  claw.kernel.provide(identityServices(pair));
  const call = (capability: string, args: Json = {}) => claw.kernel.router.call({ capability, args, caller: 'test' });
  for (const name of ['wishful', 'silent']) await assert.rejects(call(`tool:${name}_prove`), { code: 'REFUSED' }, name);
  assert.partialDeepStrictEqual(await call('tool:granted_prove'), { fingerprint: pair.fingerprint });
  const proof = (await call('tool:shipped_prove')) as { publicKey: string; fingerprint: string; signature: string };
  assert.equal(proof.fingerprint, pair.fingerprint);
  assert.ok(verify(null, bytes, proof.publicKey, Buffer.from(proof.signature, 'base64')));
  const told = JSON.stringify([proof, claw.log]);
  assert.ok(!told.includes(secretTextOf(pair)));
  for (const wrong of ['', 'not base64!', base64(Buffer.alloc(4097))])
    await assert.rejects(
      call('service:identity.sign', { bytes: wrong }),
      { code: 'BAD_ARGUMENTS' },
      wrong.slice(0, 20),
    );
});
