import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unescapeHtml } from './entities.ts';
import { readLinks, readText } from './read-html.ts';

const size = 200_000;
const hostile: Readonly<Record<string, string>> = {
  'open brackets': '<'.repeat(size),
  'tags that never end': '<a '.repeat(size),
  'quotes that never end': '<a href="'.repeat(size),
  'comments that never end': '<!--'.repeat(size),
  'scripts that never end': '<script>'.repeat(size),
  'spaces between tags': '<b> </b>'.repeat(size),
  'cells without an end': '<td> '.repeat(size),
  'blocks in blocks': '<div>'.repeat(size),
  'names of attributes': `<a ${'x '.repeat(size)}>`,
  'half references': '&#'.repeat(size),
};

for (const [name, page] of Object.entries(hostile)) {
  test(`a page of ${name} is read in time that grows with its length only`, () => {
    const start = performance.now();
    readText(page);
    readLinks(page);
    unescapeHtml(page);
    const took = performance.now() - start;
    assert.ok(took < 3_000, `${took} ms`);
  });
}

test('what reads the whole page reads each part once, whatever comes after a tag of raw text', () => {
  assert.equal(readText('<textarea>a <b> c</textarea>d'), 'a <b> cd');
  assert.equal(readText('<title>t</title><body>x<script>y</SCRIPT >z'), 'txz');
  assert.deepEqual(readLinks("<a title='>' href = b>c</a>"), [{ href: 'b', label: 'c' }]);
});
