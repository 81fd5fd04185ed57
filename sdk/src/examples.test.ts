import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { PluginDefinition } from './define-plugin.ts';
import { createTestHost } from './testing/test-host.ts';

// Inside the package, where its own name resolves.
const folder = mkdtempSync(join(dirname(import.meta.dirname), '.examples-'));
after(() => rmSync(folder, { recursive: true }));

interface Example {
  readonly place: string;
  readonly code: string;
}

function examplesIn(file: string): Example[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^ \* @example\n \* ```ts\n([\s\S]*?)^ \* ```$/gm)].map((match) => ({
    place: `${relative(import.meta.dirname, file)}:${text.slice(0, match.index).split('\n').length}`,
    code: match[1]!.replaceAll(/^ \* ?/gm, ''),
  }));
}

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => join(import.meta.dirname, name));
const examples = files.flatMap(examplesIn);

test('the public types of a plugin have examples', () => {
  const places = examples.map(({ place }) => place.split(':')[0]);
  for (const file of [
    'call.ts',
    'context.ts',
    'define-plugin.ts',
    'errors.ts',
    'files.ts',
    'http.ts',
    'store.ts',
    'permissions.ts',
  ])
    assert.ok(places.includes(file), file);
  assert.ok(places.filter((place) => place === 'capability.ts').length >= 11);
});

for (const [index, { place, code }] of examples.entries()) {
  test(`the example at ${place} runs`, async () => {
    const file = join(folder, `example-${index}.ts`);
    writeFileSync(file, code);
    const module: { readonly default?: PluginDefinition } = await import(pathToFileURL(file).href);
    if (module.default === undefined) return;
    const secrets = { GITHUB_TOKEN: 'token' };
    await using host = await createTestHost(module.default, {
      secrets,
      http: () => Response.json([{ title: 'A bug' }]),
    });
    assert.ok(host.capabilities.size > 0 || /onLive|lease/.test(code));
  });
}
