import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { findPublicSuite, skipWithout } from '../peer/component.ts';
import { runSource } from '../peer/starlark-js.ts';
import { matches, parseChunks } from './chunks.ts';

/** What the suite's own runner puts before every chunk, so that a failed assertion prints. */
const PRELUDE = `def assert_eq(x, y):
  if x != y:
    print("%r != %r" % (x, y))

def assert_ne(x, y):
  if x == y:
    print("%r == %r" % (x, y))

def assert_(cond, msg="assertion failed"):
  if not cond:
    print(msg)

`;

const suite = findPublicSuite();
describe('the public conformance suite', { skip: skipWithout(suite) }, () => {
  const root = suite.path;
  if (root === null) return;
  for (const folder of ['go', 'java', 'rust']) {
    for (const file of readdirSync(join(root, folder)).filter((name) => name.endsWith('.star'))) {
      for (const chunk of parseChunks(readFileSync(join(root, folder, file), 'utf8'))) {
        test(`${folder}/${file}:${chunk.line}`, () => {
          const { output, error } = runSource(PRELUDE + chunk.source, { dialect: 'strict' });
          const expected = chunk.expectations[0]?.text;
          if (expected === undefined) {
            assert.equal(error, null, `line ${error?.line}: ${error?.message}`);
            // The official runner overlooks a failed assertion of a chunk that ends well. This one does not.
            assert.equal(output, '');
          } else {
            assert.ok(error, `expected an error that matches: ${expected}`);
            assert.ok(matches(expected, output + error.report), `expected ${expected}, got ${error.report}`);
          }
        });
      }
    }
  }
});
