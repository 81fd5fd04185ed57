import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import { checkJson } from '@clay/sdk/wire';
import type { Operation, OperationParameter } from './operation.ts';
import { isObject } from './read-operations.ts';

export interface OperationRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: Json | undefined;
}

/**
 * The request that an operation with these parameters stands for. Whatever a parameter holds, it stays one segment of the
 * path or one value of the query.
 *
 * @throws ClayError `BAD_ARGUMENTS` that names everything that is wrong, and what the operation takes
 */
export function buildRequest(operation: Operation, params: JsonObject, components: JsonObject): OperationRequest {
  const given = check(operation, params, components);
  const query = new URLSearchParams();
  const fields: Record<string, Json> = {};
  let { path } = operation;
  let whole: Json | undefined;
  for (const parameter of operation.parameters) {
    const value = given[parameter.name];
    if (value === undefined) continue;
    switch (parameter.in) {
      case 'path':
        path = path.replaceAll(`{${parameter.field}}`, () => segmentOf(parameter.name, value));
        break;
      case 'query':
        for (const one of queryValues(parameter, value)) query.append(parameter.field, one);
        break;
      case 'body':
        if (parameter.field === '') whole = value;
        else fields[parameter.field] = value;
    }
  }
  const search = query.size === 0 ? '' : `?${query}`;
  const body = operation.body === null ? undefined : operation.body.shape === 'fields' ? fields : whole;
  return { method: operation.method, path: `${path}${search}`, body };
}

function check(operation: Operation, params: JsonObject, components: JsonObject): JsonObject {
  const { parameters } = operation;
  const schema: JsonObject = {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
    components,
  };
  const { value, problems } = checkJson(schema, params);
  if (problems.length === 0 && isObject(value)) return value;
  const listed = problems.map(({ path, message }) => (path === '' ? message : `${path} ${message}`)).join('; ');
  const takes = parameters.map(describe).join(', ') || 'nothing';
  throw new ClayError('BAD_ARGUMENTS', `The params of ${operation.id} are wrong: ${listed}. It takes: ${takes}.`);
}

function describe({ name, required, schema }: OperationParameter): string {
  return `${name} (${[typeOf(schema), required ? 'required' : ''].filter(Boolean).join(', ')})`;
}

/** As the list of tools shows it. */
export function typeOf(schema: Json): string {
  if (!isObject(schema)) return 'any';
  if (Array.isArray(schema.type)) return schema.type.filter((one) => one !== 'null').join(' or ');
  return typeof schema.type === 'string' ? schema.type : 'object';
}

function segmentOf(name: string, value: Json): string {
  const text = scalarText(name, value);
  // Dots would be taken for steps in the path, even when they are escaped.
  if (text !== '' && text !== '.' && text !== '..') return encodeURIComponent(text);
  throw new ClayError('BAD_ARGUMENTS', `${name} is ${JSON.stringify(text)}, which names nothing in a path.`);
}

function queryValues({ name, explode }: OperationParameter, value: Json): readonly string[] {
  if (!Array.isArray(value)) return [scalarText(name, value)];
  const texts = value.map((one: Json) => scalarText(name, one));
  return explode ? texts : [texts.join(',')];
}

function scalarText(name: string, value: Json): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new ClayError(
    'BAD_ARGUMENTS',
    `${name} must be a text, a number or a truth value, not ${JSON.stringify(value)}.`,
  );
}
