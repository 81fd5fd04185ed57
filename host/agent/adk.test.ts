import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as ours from './adk.ts';

const require = createRequire(import.meta.url);
const common = join(dirname(require.resolve('@google/adk')), 'common.js').replace('cjs', 'esm');

test('everything taken from the engine is also in the light entry that the bundle uses', async () => {
  const exported = Object.keys(await import(pathToFileURL(common).href));
  assert.deepEqual(
    Object.keys(ours).filter((name) => !exported.includes(name)),
    [],
  );
});

test('the engine is pinned to the version whose faults are worked around here', () => {
  assert.equal(require('../package.json').dependencies['@google/adk'], '2.0.0');
});
