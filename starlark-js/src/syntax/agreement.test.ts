import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { readSeed } from '../../test/fuzz/seed.ts';
import { findStarlarkGo, skipWithout } from '../../test/peer/component.ts';
import { runFile } from '../../test/peer/starlark-go.ts';
import { createDialect } from './dialect.ts';
import { parse } from './parse.ts';
import { Source } from './source.ts';

const PROGRAMS = 250;
const seed = readSeed();
const go = findStarlarkGo();

/** The syntax of starlark-go: no annotations, no f-strings. */
const dialect = createDialect({ fstrings: false, types: 'off' });

/** Nothing after this line runs, so that a damaged loop cannot spin; what is wrong with the file is told all the same. */
const STOP = 'load("nowhere.star", "nothing")\n';

const pieces = [
  ...[
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '=',
    '==',
    '+',
    '-',
    '*',
    '**',
    '"',
    "'",
    '"""',
    '\\',
    '#',
    ';',
    '.',
    '%',
    '//',
  ],
  ...[
    'not ',
    'in ',
    'if ',
    'else ',
    'for ',
    'def ',
    'lambda ',
    'and ',
    'or ',
    'return ',
    'pass',
    'break',
    'elif ',
    'is ',
    'yield ',
  ],
  ...[
    '\n',
    '\n  ',
    '    ',
    '\t',
    '\r\n',
    '0',
    '1.5',
    '1e',
    '0x',
    '0o7',
    '09',
    'r"',
    'b"',
    '\\x',
    '\\u12',
    '@',
    '!',
    '!=',
    '+=',
    '<',
    'é',
  ],
];

/** starlark-go looks at names in the same pass; whether names mean something is not the parser's business. */
const aboutNames = /^(undefined: |cannot reassign |global variable )/;

function createRandom(start: number): (limit: number) => number {
  let state = start;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function chunks(): string[] {
  const folder = join(import.meta.dirname, '../../test/suite/conformance');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.star'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split(/^---$/m))
    .map((chunk) =>
      chunk
        .replaceAll(/ *###.*/g, '')
        .split('\n')
        .slice(0, 20)
        .join('\n'),
    );
}

test(`damaged programs are accepted and refused as by starlark-go (FUZZ_SEED=${seed})`, {
  skip: skipWithout(go),
}, () => {
  const random = createRandom(seed);
  const texts = chunks();
  const folder = mkdtempSync(join(tmpdir(), 'starlark-syntax-'));
  const file = join(folder, 'program.star');
  try {
    for (let round = 0; round < PROGRAMS; round++) {
      let text = texts[random(texts.length)] ?? '';
      for (let cut = 0; cut <= random(2); cut++) {
        const at = random(text.length + 1);
        text = text.slice(0, at) + (random(3) ? pieces[random(pieces.length)] : '') + text.slice(at + random(3));
      }
      writeFileSync(file, `${STOP}${text}`);
      const { error } = runFile(go.path ?? '', file, 'all', folder);
      const refusal = error === null || error.report.startsWith('Traceback') ? null : error;
      const found = parse(new Source('program.star', `${STOP}${text}`), dialect).diagnostics;
      if (refusal !== null && aboutNames.test(refusal.message)) continue;
      assert.equal(found.length > 0, refusal !== null, `${refusal?.message} | ${found[0]?.message} in\n${STOP}${text}`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
