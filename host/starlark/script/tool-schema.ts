import type { Json, JsonObject } from '@clay/sdk';
import { toData } from '@clay/starlark-stdlib';
import { parseDocstring, StarlarkError, type StarlarkFunction, type Value } from 'starlark-js';

/** What a function tells a model. */
export interface Signature {
  readonly summary: string;
  readonly parameters: JsonObject;
  /** Parameters whose numbers become floats, as they are annotated. */
  readonly floats: ReadonlySet<string>;
}

type TypeText = string;

/** The schema of a function's arguments, from its annotations, its defaults and the `Args:` of its docstring. */
export function describeFunction({ code, defaults }: StarlarkFunction): Signature {
  const doc = parseDocstring(code.docstring ?? '');
  const properties: Record<string, Json> = {};
  const required: string[] = [];
  const floats = new Set<string>();
  let additionalProperties = false;
  for (const [index, parameter] of code.parameters.entries()) {
    const { name, kind, annotation } = parameter;
    if (kind === 'kwargs') {
      additionalProperties = true;
      continue;
    }
    if (kind === 'args')
      throw new StarlarkError('VALUE', `the arguments of a tool have names: write *${name} as ${name}: list`);
    const place = code.defaults[index] ?? -1;
    const fallback = place < 0 ? undefined : defaults[place];
    properties[name] = {
      ...schemaOfType(annotation, `parameter ${name} of ${code.name}`, fallback === null),
      ...described(doc.parameters.get(name)),
      ...defaulted(fallback, name),
    };
    if (fallback === undefined) required.push(name);
    if (annotation !== null && /\bfloat\b/.test(annotation) && !/\bint\b/.test(annotation)) floats.add(name);
  }
  const summary = [doc.summary, doc.details, doc.returns === null ? '' : `Returns: ${doc.returns}`]
    .filter((part) => part !== '')
    .join('\n\n');
  return {
    summary,
    parameters: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(properties)),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties,
    },
    floats,
  };
}

function described(description: string | undefined): JsonObject {
  return description === undefined || description === '' ? {} : { description };
}

/** None stands for "nothing was given", which a schema says by not requiring the parameter. */
function defaulted(fallback: Value | undefined, name: string): JsonObject {
  if (fallback === undefined || fallback === null) return {};
  return { default: toData(fallback, `the default of ${name}`) as Json };
}

/** The JSON Schema of a type as annotations write it. */
function schemaOfType(annotation: TypeText | null, what: string, isOptional: boolean): JsonObject {
  if (annotation === null) return {};
  const members = split(annotation, '|').filter((member) => !(isOptional && isNone(member)));
  const schemas = members.map((member) => schemaOfMember(member, what));
  if (schemas.length === 1) return schemas[0]!;
  const types = schemas.map((schema) => (Object.keys(schema).length === 1 ? schema.type : undefined));
  if (types.every((type) => typeof type === 'string')) return { type: types as string[] };
  return schemas.some((schema) => Object.keys(schema).length === 0) ? {} : { anyOf: schemas };
}

function isNone(member: TypeText): boolean {
  return member === 'None' || member === 'NoneType';
}

function schemaOfMember(member: TypeText, what: string): JsonObject {
  const [, name = member, inner] = /^([\w.]+)\s*\[(.*)\]$/s.exec(member) ?? [];
  const inside = inner === undefined ? [] : split(inner, ',');
  switch (name) {
    case 'str':
    case 'string':
      return { type: 'string' };
    case 'int':
      return { type: 'integer' };
    case 'float':
      return { type: 'number' };
    case 'bool':
      return { type: 'boolean' };
    case 'None':
    case 'NoneType':
      return { type: 'null' };
    case 'list':
    case 'Iterable':
    case 'Sequence':
      return { type: 'array', ...(inside.length === 0 ? {} : { items: schemaOfType(inside[0]!, what, false) }) };
    case 'dict':
      return {
        type: 'object',
        ...(inside.length < 2 ? {} : { additionalProperties: schemaOfType(inside[1]!, what, false) }),
      };
    case 'Any':
    case 'any':
      return {};
    default:
      throw new StarlarkError(
        'VALUE',
        `${what} has the type ${member}, which no JSON is; a tool takes str, int, float, bool, list, dict, None and Any`,
      );
  }
}

/** Cuts at separators outside of brackets. */
function split(text: TypeText, separator: string): TypeText[] {
  const parts: TypeText[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '[') depth++;
    else if (text[i] === ']') depth--;
    else if (text[i] === separator && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts;
}
