import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runtime } from '../../src/compile/runtime/table.ts';
import { compile, strictDialect } from '../../src/index.ts';
import { listTestPrograms } from '../property/test-programs.ts';
import { HOSTILE } from './corpus.ts';

/** Every word that generated code may consist of. What is not here must be a helper, a number or a prefixed name. */
const WORDS = new Set(
  [
    'break case catch const continue default do else false finally for function if in instanceof let new null of',
    'return switch throw true try typeof undefined void while yield',
    // The parameters of the file's function, and what it returns.
    'K P X globals top',
  ]
    .join(' ')
    .split(' '),
);
/** Every property that generated code may name. None leads to a prototype or a constructor. */
const PROPERTIES = new Set(['length', 'push', 'items', 'map', 'get', 'lock']);
/** A letter that says what it is, the number that makes it unique, and what is left of the name in the program. */
const PREFIXED = /^[a-z]\d+(?:_[A-Za-z0-9_]*)?$/;
const FORBIDDEN = /constructor|__proto__|prototype|globalThis|process|require|import|eval|this/;

/** What in the code is outside of the whitelist. */
function strangers(code: string): string[] {
  const found: string[] = [];
  const pattern =
    /"(?:[^"\\\n\r\u2028\u2029]|\\.)*"|\d[\w.]*(?:[eE][+-]?\d+)?|(\.\s*)?([A-Za-z_$][\w$]*)|\s+|([\s\S])/g;
  for (const [text, dot, word, other] of code.matchAll(pattern)) {
    if (other !== undefined) {
      if (!'[](){}<>=!+-*/%&|^~?:;,.'.includes(other)) found.push(JSON.stringify(other));
    } else if (word !== undefined) {
      if (
        dot !== undefined
          ? !PROPERTIES.has(word)
          : !(WORDS.has(word) || PREFIXED.test(word) || Object.hasOwn(runtime, word))
      ) {
        found.push(text);
      }
    }
  }
  return found;
}

test('the code of every program consists of known words, prefixed names and escaped literals', () => {
  const names = ['json', 'math', 'time', 'struct', 're'];
  const predeclared = Object.fromEntries(names.map((name) => [name, null]));
  const hostile = HOSTILE.map(({ name, source }) => ({ name, source, dialect: 'default' as const }));
  let checked = 0;
  for (const { name, source, dialect } of [...listTestPrograms(1, 300), ...hostile]) {
    const { program } = compile(source, { dialect: dialect === 'strict' ? strictDialect : {}, predeclared });
    if (program === null) continue;
    checked++;
    assert.deepEqual(strangers(program.code), [], name);
  }
  assert.ok(checked > 500, `only ${checked} programs were compiled`);
});

test('the whitelist itself lets no dangerous word through', () => {
  for (const word of [...WORDS, ...PROPERTIES]) assert.doesNotMatch(word, FORBIDDEN);
  assert.deepEqual(strangers('a1_constructor.constructor("x")'), ['.constructor']);
  assert.deepEqual(strangers('globalThis.length'), ['globalThis']);
  assert.deepEqual(strangers('v1_x=`process`'), ['"`"', 'process', '"`"']);
});
