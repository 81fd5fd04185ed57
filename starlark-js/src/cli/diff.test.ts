import assert from 'node:assert/strict';
import test from 'node:test';
import { unifiedDiff } from './diff.ts';

const numbers = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);

test('equal texts have no difference', () => {
  assert.equal(unifiedDiff('a', 'x\n', 'x\n'), '');
});

test('changes that are far apart become hunks of their own, with three lines around them', () => {
  const changed = numbers.with(4, 'five').toSpliced(20, 1);
  assert.equal(
    unifiedDiff('a.star', numbers.join('\n'), changed.join('\n')),
    [
      '--- a.star',
      '+++ a.star',
      '@@ -2,7 +2,7 @@',
      ' line 2',
      ' line 3',
      ' line 4',
      '-line 5',
      '+five',
      ' line 6',
      ' line 7',
      ' line 8',
      '@@ -18,7 +18,6 @@',
      ' line 18',
      ' line 19',
      ' line 20',
      '-line 21',
      ' line 22',
      ' line 23',
      ' line 24',
      '',
    ].join('\n'),
  );
});

test('changes that are near each other share a hunk', () => {
  const changed = numbers.with(4, 'five').with(9, 'ten');
  assert.equal(unifiedDiff('a', numbers.join('\n'), changed.join('\n')).match(/^@@/gm)?.length, 1);
});
