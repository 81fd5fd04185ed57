import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countDiagnostics, diagnose, formatDiagnostic, formatDiagnostics } from './diagnostic.ts';
import { findJsonPlaces } from './manifest/json-places.ts';
import { lineAt, positionAt } from './position.ts';

test('a diagnostic is place, rule, source line, caret and advice, in this order', () => {
  const content = 'first\n\tlet x = öl;\r\nlast';
  const shown = formatDiagnostic(
    diagnose(
      'SYNTAX',
      'No öl here.',
      { file: 'a.ts', content, offset: content.indexOf('öl'), length: 2 },
      'Write oil.',
    ),
  );
  assert.equal(shown, 'a.ts:2:10: error SYNTAX: No öl here.\n    \tlet x = öl;\n    \t        ^^\n    Write oil.');
});

test('of a line of a megabyte only the part around the caret is shown', () => {
  const content = `${'x'.repeat(500_000)}!${'y'.repeat(500_000)}`;
  const shown = formatDiagnostic(diagnose('SYNTAX', 'No.', { file: 'a.ts', content, offset: 500_000 }));
  const [head, line, caret] = shown.split('\n');
  assert.equal(head, 'a.ts:1:500001: error SYNTAX: No.');
  assert.ok(line!.length < 200);
  assert.equal(line![caret!.indexOf('^')], '!');
});

test('what concerns no file stands without a place, and a flood is counted', () => {
  const one = diagnose('NO_ENTRY', 'Nothing to start from.', { file: null });
  assert.equal(formatDiagnostic(one), 'error NO_ENTRY: Nothing to start from.');
  assert.match(formatDiagnostics(Array.from({ length: 1000 }, () => one)), /\n\n… and 950 more$/);
  assert.equal(countDiagnostics([one]), '1 error');
});

test('places in a text are counted from one, line ends of Windows are no part of a line', () => {
  assert.deepEqual(positionAt('a\r\nbc', 4), { line: 2, column: 2, source: 'bc' });
  assert.deepEqual([lineAt('a\r\nb', 1), lineAt('a\r\nb', 2), lineAt('a', 2)], ['a', 'b', null]);
});

test('every member of a JSON text has a place, whatever its name', () => {
  const text = '{"a": [1, {"b\\"c": {"__proto__": "}{"}}],\n "d": []}';
  const places = findJsonPlaces(text);
  const at = (path: string) => text.slice(places.get(path)).match(/^(".*?[^\\]"|\d|\{)/)?.[0];
  assert.deepEqual([...places.keys()], ['', 'a', 'a[0]', 'a[1]', 'a[1].b"c', 'a[1].b"c.__proto__', 'd']);
  assert.deepEqual(
    [at('a'), at('a[0]'), at('a[1]'), at('a[1].b"c.__proto__'), at('d')],
    ['"a"', '1', '{', '"__proto__"', '"d"'],
  );
});
