import type { Json, JsonObject, JsonSchema } from '../json.ts';

/** One thing wrong with a value, and where. */
export interface Problem {
  /** Such as `items[2].title`; empty for the value itself. */
  readonly path: string;
  readonly message: string;
}

/** A value with its defaults, and what is wrong with it. */
export type Checked = { readonly value: Json; readonly problems: readonly Problem[] };

/**
 * Checks a value against a JSON Schema and fills in defaults. It knows the words that tool schemas use: `type`,
 * `enum`, `const`, `properties`, `required`, `additionalProperties`, `items`, `prefixItems`, `default`, the bounds of
 * numbers, strings, arrays and objects, `pattern`, `anyOf`, `oneOf`, `allOf`, `not`, `nullable`, and `$ref` inside the schema.
 * Other words do not restrict, as the specification asks of a reader that does not know them.
 *
 * A model often writes `"5"` for 5 and null for an argument it leaves out; both are taken as meant where the schema
 * allows nothing else.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkJson } from '@clay/sdk/wire';
 *
 * const schema = { type: 'object', properties: { days: { type: 'integer' }, type: { default: 'general' } } };
 * assert.deepEqual(checkJson(schema, { days: '3' }), { value: { days: 3, type: 'general' }, problems: [] });
 * ```
 */
export function checkJson(schema: JsonSchema, value: Json): Checked {
  const problems: Problem[] = [];
  return { value: check({ root: schema, problems }, schema, value, '', 0), problems };
}

interface Run {
  readonly root: JsonSchema;
  readonly problems: Problem[];
}

function check(run: Run, schema: Json, input: Json, path: string, depth: number): Json {
  if (schema === true || !isObject(schema)) {
    if (schema === false) report(run, path, 'is not allowed');
    return input;
  }
  if (depth > 100) return input;
  if (typeof schema.$ref === 'string') return check(run, resolve(run.root, schema.$ref), input, path, depth + 1);
  const types = typesOf(schema);
  let value = types === null ? input : coerce(types, input);
  if (types !== null && !types.some((type) => hasType(type, value))) {
    report(run, path, `must be ${types.map(withArticle).join(' or ')}, not ${describe(value)}`);
    return value;
  }
  if (schema.const !== undefined && !equal(schema.const, value)) {
    report(run, path, `must be ${JSON.stringify(schema.const)}, not ${describe(value)}`);
  }
  if (Array.isArray(schema.enum) && !schema.enum.some((option) => equal(option, value))) {
    const options = schema.enum.map((option) => JSON.stringify(option)).join(', ');
    report(run, path, `must be one of ${options}, not ${describe(value)}`);
  }
  if (typeof value === 'number') checkNumber(run, schema, value, path);
  else if (typeof value === 'string') checkString(run, schema, value, path);
  else if (Array.isArray(value)) value = checkArray(run, schema, value, path, depth);
  else if (isObject(value)) value = checkObject(run, schema, value, path, depth);
  return checkCombined(run, schema, value, path, depth);
}

function checkNumber(run: Run, schema: JsonObject, value: number, path: string): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === 'number' && value < minimum) report(run, path, `must be at least ${minimum}, not ${value}`);
  if (typeof maximum === 'number' && value > maximum) report(run, path, `must be at most ${maximum}, not ${value}`);
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) {
    report(run, path, `must be more than ${exclusiveMinimum}, not ${value}`);
  }
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum) {
    report(run, path, `must be less than ${exclusiveMaximum}, not ${value}`);
  }
  if (typeof multipleOf === 'number' && !Number.isInteger(value / multipleOf)) {
    report(run, path, `must be a multiple of ${multipleOf}, not ${value}`);
  }
}

function checkString(run: Run, schema: JsonObject, value: string, path: string): void {
  const { minLength, maxLength, pattern } = schema;
  // Lengths count code points (JSON Schema, validation 6.3.1); only then is the exact count worth its walk.
  const length = typeof minLength === 'number' || typeof maxLength === 'number' ? [...value].length : 0;
  if (typeof minLength === 'number' && length < minLength) {
    report(
      run,
      path,
      minLength === 1 ? 'must not be empty' : `must have at least ${minLength} characters, has ${length}`,
    );
  }
  if (typeof maxLength === 'number' && length > maxLength) {
    report(run, path, `must have at most ${maxLength} characters, has ${length}`);
  }
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
    report(run, path, `must match ${pattern}, ${describe(value)} does not`);
  }
}

function checkArray(run: Run, schema: JsonObject, value: readonly Json[], path: string, depth: number): Json {
  const { minItems, maxItems, items, prefixItems, uniqueItems } = schema;
  if (typeof minItems === 'number' && value.length < minItems) {
    report(run, path, `must have at least ${minItems} items, has ${value.length}`);
  }
  if (typeof maxItems === 'number' && value.length > maxItems) {
    report(run, path, `must have at most ${maxItems} items, has ${value.length}`);
  }
  if (uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    report(run, path, 'must not contain an item twice');
  }
  const first = Array.isArray(prefixItems) ? prefixItems : [];
  return value.map((item, index) => {
    const itemSchema = first[index] ?? items;
    return itemSchema === undefined ? item : check(run, itemSchema, item, `${path}[${index}]`, depth + 1);
  });
}

function checkObject(run: Run, schema: JsonObject, value: JsonObject, path: string, depth: number): Json {
  const properties = isObject(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const checked: Record<string, Json> = Object.create(null);
  for (const [name, member] of Object.entries(value)) {
    const inside = path === '' ? name : `${path}.${name}`;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property !== undefined) {
      if (member === null && !required.has(name) && !allowsNull(run.root, property)) continue;
      checked[name] = check(run, property, member, inside, depth + 1);
    } else if (schema.additionalProperties === false) {
      const known = Object.keys(properties).join(', ');
      report(run, inside, known === '' ? 'is not known: nothing is taken' : `is not known; known are ${known}`);
    } else if (isObject(schema.additionalProperties)) {
      checked[name] = check(run, schema.additionalProperties, member, inside, depth + 1);
    } else {
      checked[name] = member;
    }
  }
  for (const [name, property] of Object.entries(properties)) {
    if (checked[name] === undefined && isObject(property) && property.default !== undefined)
      checked[name] = property.default;
  }
  for (const name of required) {
    if (typeof name === 'string' && checked[name] === undefined && !Object.hasOwn(value, name)) {
      report(run, path === '' ? name : `${path}.${name}`, 'is required');
    }
  }
  const count = Object.keys(checked).length;
  if (typeof schema.minProperties === 'number' && count < schema.minProperties) {
    report(run, path, `must have at least ${schema.minProperties} members, has ${count}`);
  }
  if (typeof schema.maxProperties === 'number' && count > schema.maxProperties) {
    report(run, path, `must have at most ${schema.maxProperties} members, has ${count}`);
  }
  // fromEntries makes members; assigning would let a member named `__proto__` change the prototype.
  return Object.fromEntries(Object.entries(checked));
}

function checkCombined(run: Run, schema: JsonObject, input: Json, path: string, depth: number): Json {
  let value = input;
  if (Array.isArray(schema.allOf)) {
    for (const part of schema.allOf) value = check(run, part, value, path, depth + 1);
  }
  for (const word of ['anyOf', 'oneOf'] as const) {
    const options = schema[word];
    if (!Array.isArray(options)) continue;
    const tries = options.map((option) => {
      const problems: Problem[] = [];
      return { value: check({ root: run.root, problems }, option, value, path, depth + 1), problems };
    });
    const fitting = tries.filter((one) => one.problems.length === 0);
    if (fitting.length === 0) {
      // The branch with the fewest problems is most likely the one that was meant.
      const nearest = tries.reduce((best, one) => (one.problems.length < best.problems.length ? one : best), tries[0]!);
      run.problems.push(...nearest.problems);
    } else if (word === 'oneOf' && fitting.length > 1) {
      report(run, path, 'fits more than one of the allowed forms');
    } else {
      value = fitting[0]!.value;
    }
  }
  if (schema.not !== undefined) {
    const problems: Problem[] = [];
    check({ root: run.root, problems }, schema.not, value, path, depth + 1);
    if (problems.length === 0) report(run, path, 'has a form that is not allowed');
  }
  return value;
}

function report(run: Run, path: string, message: string): void {
  run.problems.push({ path, message });
}

function resolve(root: JsonSchema, reference: string): Json {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return {};
  let target: Json | undefined = root;
  for (const step of reference.slice(2).split('/')) {
    const name = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    target = isObject(target) && Object.hasOwn(target, name) ? target[name] : undefined;
  }
  return target ?? {};
}

function typesOf(schema: JsonObject): readonly string[] | null {
  const { type } = schema;
  const types =
    typeof type === 'string' ? [type] : Array.isArray(type) ? type.filter((t) => typeof t === 'string') : null;
  return types !== null && schema.nullable === true ? [...types, 'null'] : types;
}

function hasType(type: string, value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

// Only what cannot be meant otherwise: the text of a number or a truth value where no text is allowed.
function coerce(types: readonly string[], value: Json): Json {
  if (typeof value !== 'string' || types.includes('string')) return value;
  const text = value.trim();
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) {
    const number = Number(text);
    if (Number.isFinite(number) && (types.includes('number') || Number.isInteger(number))) return number;
  }
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return value;
}

function allowsNull(root: JsonSchema, schema: Json): boolean {
  const problems: Problem[] = [];
  check({ root, problems }, schema, null, '', 0);
  return problems.length === 0;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function equal(a: Json, b: Json): boolean {
  if (a === b) return true;
  return typeof a === 'object' && a !== null && JSON.stringify(a) === JSON.stringify(b);
}

function withArticle(type: string): string {
  if (type === 'null') return 'null';
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function describe(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
