import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { JsonObject } from '@clay/sdk';
import { createTestHost } from '@clay/sdk/testing';
import textBrowser from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'clay-text-browser-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A host whose only text browser is a script of the test. */
async function start(script: string, config: JsonObject = {}) {
  const path = mkdtempSync(join(folder, 'bin-'));
  writeFileSync(join(path, 'w3m'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`, { mode: 0o755 });
  return createTestHost(textBrowser, { config: { path, ...config } });
}

const render = 'service:text-browser.render';

test('a page goes in by the input and its text comes out, with no variable of the host', async () => {
  await using host = await start('echo "$*"; env | cut -d= -f1 | sort | tr "\\n" " "; cat');
  const { text, program } = (await host.call(render, { html: '<p>Grüße' })) as { text: string; program: string };
  assert.equal(program, 'w3m');
  const [args, variables] = text.split('\n');
  assert.equal(args, '-dump -T text/html -I utf-8 -O utf-8 -cols 100');
  assert.match(variables!, /^COLUMNS HOME LANG (OLDPWD )?PATH PWD (SHLVL )?TERM (_ )?<p>Grüße$/);
});

test('without a program it says which one to install', async () => {
  await using host = await createTestHost(textBrowser, { config: { path: join(folder, 'empty') } });
  await assert.rejects(host.call(render, { html: '<p>' }), { code: 'UNAVAILABLE', message: /Chawan \(cha\).*w3m/ });
});

test('a program that fails keeps what it wrote', async () => {
  await using host = await start('echo half; echo "no memory" >&2; exit 3');
  await assert.rejects(host.call(render, { html: 'x'.repeat(2_000_000) }), (error: Error & { details: JsonObject }) => {
    assert.match(error.message, /w3m failed: no memory/);
    assert.partialDeepStrictEqual(error.details, { output: 'half\n', exitCode: 3 });
    return true;
  });
});

test('a program that writes without end is ended', async () => {
  await using host = await start('while :; do echo more and more; done', { maxBytes: 5000 });
  await assert.rejects(host.call(render, { html: '<p>' }), { code: 'TOO_LARGE', message: /more than 5000 bytes/ });
});

test('a program that hangs is ended with all that it started, by the clock or by the caller', async () => {
  // The call ends when nobody holds the program's output any more, so when the sleeper is gone too.
  await using host = await start('sleep 1000 & wait');
  const late = host.call(render, { html: '<p>' });
  const failed = assert.rejects(late, { code: 'TIMEOUT', message: /longer than 10000 ms/ });
  await host.advance(10_000);
  await failed;
  const controller = new AbortController();
  const call = host.call(render, { html: '<p>' }, { signal: controller.signal });
  controller.abort();
  await assert.rejects(call, { code: 'CANCELLED' });
});

const hasW3m = spawnSync('w3m', ['-version']).status === 0;

test('the real w3m renders a table', { skip: !hasW3m && 'w3m not found' }, async () => {
  await using host = await createTestHost(textBrowser, {});
  const html = '<h1>Mills</h1><table border=1><tr><td>Eling</td><td>3.5 m</td></tr></table><p>Grüße &amp; ☂';
  const { text } = (await host.call(render, { html })) as { text: string };
  assert.match(text, /Mills/);
  assert.match(text, /│Eling│3\.5 m│|\|Eling\|3\.5 m\|/);
  assert.match(text, /Grüße & ☂/);
});
