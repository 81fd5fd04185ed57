import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standardModules } from '../modules/index.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkModule } from '../value/module.ts';
import type { Routine } from '../value/routine.ts';
import { parseType } from '../value/type-expression.ts';
import { bytesMethods } from './bytes-methods.ts';
import { dictMethods } from './dict-methods.ts';
import { listMethods } from './list-methods.ts';
import { setMethods } from './set-methods.ts';
import { stringMethods } from './string-methods.ts';
import { universe } from './universe.ts';

function routinesOf(values: Iterable<unknown>): Routine[] {
  return [...values].flatMap((value) =>
    value instanceof Builtin
      ? [value.routine]
      : value instanceof StarlarkModule
        ? routinesOf(value.members.values())
        : [],
  );
}

const routines: Routine[] = [
  ...[stringMethods, listMethods, dictMethods, setMethods, bytesMethods].flatMap((methods) => [...methods.values()]),
  ...routinesOf(universe.values()),
  ...routinesOf(standardModules().values()),
];

test('the numbers of every routine agree with its signature', () => {
  assert.ok(routines.length > 140);
  for (const { name, signature, minimum, maximum } of routines) {
    const { parameters } = signature;
    const isVariadic = parameters.some((p) => p.kind === 'args');
    const places = parameters.filter((p) => p.kind === 'positional' || p.kind === 'normal');
    if (isVariadic) {
      assert.equal(maximum, -1, name);
      assert.equal(parameters[0]?.kind, 'args', `${name}: *args comes first, so that a call can pass them as they are`);
    } else {
      assert.equal(maximum, places.length, name);
      assert.equal(minimum, places.filter((p) => p.default === null).length, name);
    }
  }
});

test('every routine is documented, and its types can be read', () => {
  for (const { name, signature, doc } of routines) {
    assert.match(doc, /\.$/, name);
    for (const type of [signature.returns, ...signature.parameters.map((p) => p.type)]) parseType(type);
  }
});

test('the universe and the methods are those of the specification', () => {
  assert.equal(
    [...universe.keys()].join(' '),
    'abs all any bool bytes chr dict dir enumerate fail float getattr hasattr hash int len list max min ord print range repr reversed set sorted str tuple type zip',
  );
  assert.equal([...listMethods.keys()].join(' '), 'append clear extend index insert pop remove');
  assert.equal([...dictMethods.keys()].join(' '), 'clear get items keys pop popitem setdefault update values');
});
