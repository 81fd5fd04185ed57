import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json, JsonSchema } from '../json.ts';
import { checkJson } from './json-schema.ts';

const told = (schema: JsonSchema, value: Json) =>
  checkJson(schema, value).problems.map(({ path, message }) => `${path}: ${message}`);

const wrong: readonly (readonly [JsonSchema, Json, string])[] = [
  [{ type: 'string' }, 5, ': must be a string, not 5'],
  [{ type: ['integer', 'null'] }, 'x', ': must be an integer or null, not "x"'],
  [{ type: 'integer' }, 1.5, ': must be an integer, not 1.5'],
  [{ type: 'array' }, {}, ': must be an array, not {}'],
  [{ type: 'object' }, [], ': must be an object, not []'],
  [{ const: { a: 1 } }, { a: 2 }, ': must be {"a":1}, not {"a":2}'],
  [{ enum: ['a', 'b'] }, 'c', ': must be one of "a", "b", not "c"'],
  [{ minimum: 2 }, 1, ': must be at least 2, not 1'],
  [{ maximum: 2 }, 3, ': must be at most 2, not 3'],
  [{ exclusiveMinimum: 2 }, 2, ': must be more than 2, not 2'],
  [{ exclusiveMaximum: 2 }, 2, ': must be less than 2, not 2'],
  [{ multipleOf: 5 }, 7, ': must be a multiple of 5, not 7'],
  [{ minLength: 1 }, '', ': must not be empty'],
  [{ minLength: 3 }, 'ab', ': must have at least 3 characters, has 2'],
  [{ maxLength: 1 }, '👋👋', ': must have at most 1 characters, has 2'],
  [{ pattern: '^a+$' }, 'b', ': must match ^a+$, "b" does not'],
  [{ minItems: 1 }, [], ': must have at least 1 items, has 0'],
  [{ maxItems: 1 }, [1, 2], ': must have at most 1 items, has 2'],
  [{ uniqueItems: true }, [{ a: 1 }, { a: 1 }], ': must not contain an item twice'],
  [
    { items: { type: 'object', properties: { n: { type: 'number' } } } },
    [{}, { n: 'x' }],
    '[1].n: must be a number, not "x"',
  ],
  [{ prefixItems: [{ type: 'string' }], items: false }, ['a', 1], '[1]: is not allowed'],
  [{ properties: { a: {} }, additionalProperties: false }, { b: 1 }, 'b: is not known; known are a'],
  [{ additionalProperties: { type: 'string' } }, { b: 1 }, 'b: must be a string, not 1'],
  [{ required: ['a'] }, {}, 'a: is required'],
  [{ minProperties: 1 }, {}, ': must have at least 1 members, has 0'],
  [{ maxProperties: 1 }, { a: 1, b: 2 }, ': must have at most 1 members, has 2'],
  [{ not: { type: 'string' } }, 'x', ': has a form that is not allowed'],
  [{ oneOf: [{ type: 'number' }, { minimum: 0 }] }, 1, ': fits more than one of the allowed forms'],
  [
    {
      anyOf: [
        { type: 'object', required: ['a', 'b'] },
        { type: 'object', required: ['c'] },
      ],
    },
    {},
    'c: is required',
  ],
  [{ allOf: [{ type: 'string' }, { minLength: 2 }] }, 'x', ': must have at least 2 characters, has 1'],
  [{ $ref: '#/$defs/name', $defs: { name: { type: 'string' } } }, 1, ': must be a string, not 1'],
];

for (const [schema, value, expected] of wrong) {
  test(`${JSON.stringify(value)} under ${JSON.stringify(schema)} is told as "${expected}"`, () => {
    assert.deepEqual(told(schema, value), [expected]);
  });
}

const setRight: readonly (readonly [JsonSchema, Json, Json])[] = [
  [{ type: 'integer' }, '5', 5],
  [{ type: 'number' }, ' -1.5e3 ', -1500],
  [{ type: 'boolean' }, 'true', true],
  [{ type: ['string', 'number'] }, '5', '5'],
  [{ properties: { a: { type: 'string' } } }, { a: null }, {}],
  [{ properties: { a: { type: ['string', 'null'] } } }, { a: null }, { a: null }],
  [{ properties: { a: { default: [1] }, b: {} } }, {}, { a: [1] }],
  [
    { properties: { a: { type: 'integer' } } },
    JSON.parse('{"a":"1","__proto__":{"b":2},"constructor":3}'),
    JSON.parse('{"a":1,"__proto__":{"b":2},"constructor":3}'),
  ],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, '7', 7],
  [{ items: { type: 'integer' } }, ['1', 2], [1, 2]],
];

for (const [schema, value, expected] of setRight) {
  test(`${JSON.stringify(value)} under ${JSON.stringify(schema)} is taken as ${JSON.stringify(expected)}`, () => {
    const checked = checkJson(schema, value);
    assert.deepEqual(checked.problems, []);
    assert.deepEqual(checked.value, expected);
  });
}

test('what is not a number is not made one', () => {
  for (const value of ['', ' ', '0x10', '1e999', 'Infinity', '5 apples', '1.5'])
    assert.equal(told({ type: 'integer' }, value).length, 1, value);
});

test('null for a required argument is told, not dropped', () => {
  assert.deepEqual(told({ properties: { a: { type: 'string' } }, required: ['a'] }, { a: null }), [
    'a: must be a string, not null',
  ]);
});

test('a schema that refers to itself ends with the value', () => {
  const tree: JsonSchema = { type: 'object', properties: { next: { $ref: '#' }, n: { type: 'integer' } } };
  assert.deepEqual(told(tree, { next: { next: { n: 'x' } } }), ['next.next.n: must be an integer, not "x"']);
  assert.deepEqual(told({ $ref: '#' }, 1), []);
});

test('the value given is left as it was', () => {
  const value = Object.freeze({ a: '1' });
  checkJson({ properties: { a: { type: 'integer' }, b: { default: 2 } } }, value);
  assert.deepEqual(value, { a: '1' });
});
