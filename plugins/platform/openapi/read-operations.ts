import { ClayError, type Json, type JsonObject } from '@clay/sdk';
import type { FilledField, Operation, OperationBody, OperationParameter, Operations } from './operation.ts';

/**
 * The category of each tag of the platform; of any other it is `platform`. The names are those by which the platform's tools
 * are documented, such as `social.create_post` and `msg.inbox`.
 */
const categories: Readonly<Record<string, string>> = {
  Social: 'social',
  Posts: 'social',
  Balance: 'social',
  Messaging: 'msg',
  Inbox: 'msg',
  Channels: 'msg',
  Email: 'msg',
  Skills: 'skills',
  Reviews: 'skills',
  Proofs: 'skills',
  Rankings: 'skills',
  Shop: 'shop',
  Claw: 'claw',
  Claws: 'claw',
};
const otherCategory = 'platform';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
/** What the claw does by itself: a token or a challenge in the model's hands could only get lost. */
const ownPaths = ['/api/agents/challenge', '/api/agents/authenticate', '/api/pow/challenge'];
const filledFields: readonly FilledField[] = ['pow_challenge', 'pow_nonce', 'public_key'];
const maxRefs = 20;

/** Reads what an OpenAPI 3 document offers. Throws `UNAVAILABLE` when it is none. */
export function readOperations(document: Json): Operations {
  if (!isObject(document) || !isObject(document.paths) || !String(document.openapi ?? '').startsWith('3.')) {
    throw new ClayError('UNAVAILABLE', 'The platform’s /openapi.json is no OpenAPI 3 document.');
  }
  const reader = new Reader(document);
  const list = Object.entries(document.paths).flatMap(([path, item]) =>
    isObject(item) ? reader.path(path, item) : [],
  );
  const { components } = document;
  return { list: list.sort((a, b) => (a.id < b.id ? -1 : 1)), components: isObject(components) ? components : {} };
}

class Reader {
  readonly #document: JsonObject;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  path(path: string, item: JsonObject): Operation[] {
    // Anything but a path would change the address that it is put behind.
    if (!path.startsWith('/') || ownPaths.includes(path)) return [];
    return methods.flatMap((method) => {
      const operation = item[method];
      return isObject(operation) ? [this.#operation(path, method, operation, listOf(item.parameters))] : [];
    });
  }

  #operation(path: string, method: string, operation: JsonObject, shared: readonly Json[]): Operation {
    const tag = listOf(operation.tags).find((one) => typeof one === 'string' && Object.hasOwn(categories, one));
    const category = categories[String(tag)] ?? otherCategory;
    const all = [...shared, ...listOf(operation.parameters)].map((one) => this.#resolve(one)).filter(isObject);
    const parameters: OperationParameter[] = [];
    for (const one of all) {
      if (one.in === 'path' || one.in === 'query') put(parameters, parameterOf(one, one.in));
    }
    const body = this.#body(operation, parameters);
    const security = operation.security ?? this.#document.security;
    const description = textOf(operation.description);
    return {
      id: `${category}.${nameOf(operation, method, path)}`,
      category,
      summary: textOf(operation.summary) || description.split('\n', 1)[0]!,
      description,
      method: method.toUpperCase(),
      path,
      parameters,
      body,
      isWrite: method !== 'get',
      needsLogin:
        (Array.isArray(security) && security.some((one) => isObject(one) && Object.keys(one).length > 0)) ||
        all.some((one) => one.in === 'header' && String(one.name).toLowerCase() === 'authorization'),
    };
  }

  /** The fields of the body become parameters beside the others, as the model thinks of them. */
  #body(operation: JsonObject, parameters: OperationParameter[]): OperationBody | null {
    const request = this.#resolve(operation.requestBody ?? null);
    if (!isObject(request) || !isObject(request.content)) return null;
    const media = Object.entries(request.content).find(([type]) => /^application\/([\w.+-]+\+)?json\b/.test(type))?.[1];
    if (!isObject(media)) return null;
    const schema = this.#resolve(media.schema ?? true);
    if (!isObject(schema) || !isObject(schema.properties)) {
      const whole = { name: 'body', field: '', in: 'body', schema, description: '', explode: true } as const;
      parameters.push({ ...whole, required: request.required === true });
      return { shape: 'whole', filled: [] };
    }
    const required = listOf(schema.required);
    const filled: FilledField[] = [];
    for (const [field, raw] of Object.entries(schema.properties)) {
      const own = filledFields.find((one) => one === field);
      if (own !== undefined) filled.push(own);
      const property = this.#resolve(raw);
      if (own !== undefined || field === '$schema' || (isObject(property) && property.readOnly === true)) continue;
      const name = parameters.some((one) => one.name === field) ? `body_${field}` : field;
      const description = isObject(property) ? textOf(property.description) : '';
      const isRequired = required.includes(field);
      parameters.push({ name, field, in: 'body', required: isRequired, description, schema: raw, explode: true });
    }
    return { shape: 'fields', filled };
  }

  #resolve(value: Json): Json {
    let found = value;
    for (let refs = 0; isObject(found) && typeof found.$ref === 'string'; refs++) {
      if (refs > maxRefs) return true;
      found = this.#at(found.$ref);
    }
    return found;
  }

  #at(ref: string): Json {
    if (!ref.startsWith('#/')) return true;
    let found: Json = this.#document;
    for (const part of ref.slice(2).split('/')) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      if (!isObject(found) || !Object.hasOwn(found, key)) return true;
      found = found[key]!;
    }
    return found;
  }
}

/** An operation's own parameter takes the place of one that its path shares. */
function put(parameters: OperationParameter[], parameter: OperationParameter): void {
  const place = parameters.findIndex((one) => one.name === parameter.name);
  if (place < 0) parameters.push(parameter);
  else parameters[place] = parameter;
}

function parameterOf(one: JsonObject, place: 'path' | 'query'): OperationParameter {
  const name = String(one.name);
  return {
    name,
    field: name,
    in: place,
    required: place === 'path' || one.required === true,
    description: textOf(one.description),
    schema: one.schema ?? true,
    explode: one.explode !== false,
  };
}

/** `list-channels` is `list_channels`; without a name of its own an operation is called after its method and path. */
function nameOf({ operationId }: JsonObject, method: string, path: string): string {
  if (typeof operationId === 'string' && operationId !== '') return operationId.replaceAll('-', '_');
  const parts = path.split('/').filter((part) => part !== '' && part !== 'api' && !part.startsWith('{'));
  return [method, ...parts].join('_');
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
