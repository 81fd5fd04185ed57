import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Dialect, defaultDialect, strictDialect } from '../syntax/dialect.ts';
import { parse } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import type { Resolution } from './binding.ts';
import { nearest } from './nearest.ts';
import { resolve } from './resolve.ts';

const environment = { predeclared: new Set(['host']), universe: new Set(['len', 'print', 'True']) };

function resolved(text: string, dialect: Dialect = defaultDialect): Resolution {
  const source = new Source('a.star', text);
  const { file, diagnostics } = parse(source, dialect);
  assert.deepEqual(diagnostics, []);
  return resolve(file, source, dialect, environment);
}

function messages(text: string, dialect?: Dialect): string[] {
  return resolved(text, dialect).diagnostics.map(({ line, message }) => `${line}: ${message}`);
}

test('every undefined name of a file is reported, with the name that was probably meant', () => {
  const text = 'count = 1\nprint(cuont)\ndef f(value):\n    return vlaue + other\n';
  assert.deepEqual(messages(text), [
    '2: undefined: cuont (did you mean count?)',
    '4: undefined: vlaue (did you mean value?)',
    '4: undefined: other',
  ]);
});

test('a name assigned anywhere in a function is local in all of it', () => {
  const { names, functions } = resolved('x = 1\ndef f():\n    print(x)\n    x = 2\n');
  const [scope] = functions.values();
  const scopes = [...names].filter(([name]) => name.name === 'x').map(([, binding]) => binding.owner);
  assert.deepEqual(scopes, [null, scope, scope]);
});

test('a comprehension has variables of its own, and its first iterable is of the block around', () => {
  assert.deepEqual(messages('xs = [[1]]\nys = [x for xs in xs for x in xs]\nprint(x)\n'), ['3: undefined: x']);
});

test('a second assignment of a global is an error where the dialect does not allow it', () => {
  const text = 'x = 1\nx = 2\n';
  assert.deepEqual(messages(text), []);
  assert.deepEqual(messages(text, strictDialect), ['2: cannot reassign global x declared at a.star:1:1']);
});

test('a name bound by load cannot be assigned in any dialect', () => {
  assert.deepEqual(messages('load("m", "x")\nx = 2\n'), ['2: cannot reassign local x declared at a.star:1:11']);
});

test('a function knows the variables of functions around it that it uses, and passes them on', () => {
  const { functions } = resolved('def f(a):\n    def g():\n        return lambda: a\n    return g\n');
  const free = [...functions.values()].map((scope) => [scope.name, [...scope.free].map(({ name }) => name)]);
  assert.deepEqual(free, [
    ['f', []],
    ['g', ['a']],
    ['lambda', ['a']],
  ]);
});

test('only a def that runs at most once and is the only assignment can be called directly', () => {
  const { names } = resolved('def f(): pass\nif True:\n    def g(): pass\ndef h(): pass\nh = 1\n');
  const direct = new Map([...names].map(([name, binding]) => [name.name, binding.soleDef !== null]));
  assert.deepEqual([direct.get('f'), direct.get('g'), direct.get('h')], [true, false, false]);
});

test('nearest finds a misspelling and leaves a stranger alone', () => {
  assert.equal(nearest('lenght', ['length', 'width']), 'length');
  assert.equal(nearest('to_upper', ['toupper']), 'toupper');
  assert.equal(nearest('zebra', ['length', 'width']), null);
});
