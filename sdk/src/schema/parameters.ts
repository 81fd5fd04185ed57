import { ClayError } from '../errors.ts';
import type { Json, JsonSchema } from '../json.ts';
import { copyJson } from '../wire/copy.ts';
import { checkJson, type Problem } from './json-schema.ts';
import type { Schema, StandardIssue, StandardSchema } from './schema.ts';

/** Whether a schema is a Standard Schema (zod 4, valibot, arktype) and not JSON Schema as data. */
export function isStandardSchema(schema: Schema): schema is StandardSchema {
  return '~standard' in schema && typeof schema['~standard'] === 'object';
}

/**
 * The JSON Schema of what a schema takes, as the model sees it: nothing that the author wrote is lost.
 *
 * @throws ClayError `BAD_ARGUMENTS` when the schema's library cannot give one
 */
export function toJsonSchema(schema: Schema, what: string): JsonSchema {
  if (!isStandardSchema(schema)) return copyJson(schema, what) as JsonSchema;
  const { jsonSchema, vendor } = schema['~standard'];
  if (jsonSchema === undefined) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `${what}: ${vendor} gives no JSON Schema. Use zod 4.2 or later, or write the JSON Schema as data.`,
    );
  }
  try {
    const { $schema: _, ...rest } = jsonSchema.input({ target: 'draft-2020-12' });
    return copyJson(rest, what) as JsonSchema;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ClayError('BAD_ARGUMENTS', `${what} cannot be told as JSON Schema: ${reason}`, { cause });
  }
}

/**
 * Checks a value, with the schema's own defaults and coercion.
 *
 * @param what names the value for the reader, such as `The arguments of tool:memory`
 * @throws ClayError `BAD_ARGUMENTS`, listing every problem with its path
 */
export async function parseWith(schema: Schema, value: Json, what: string): Promise<unknown> {
  if (!isStandardSchema(schema)) {
    const { value: checked, problems } = checkJson(schema, value);
    if (problems.length > 0) throw badArguments(what, problems);
    return checked;
  }
  const first = await schema['~standard'].validate(value);
  if (first.issues === undefined) return first.value;
  throw badArguments(what, first.issues.map(toProblem));
}

/** The one wording of arguments that do not fit. */
export function badArguments(what: string, problems: readonly Problem[]): ClayError {
  const lines = problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return new ClayError(
    'BAD_ARGUMENTS',
    `${what} ${/^The arguments/.test(what) ? 'do' : 'does'} not fit: ${lines.join('; ')}.`,
    {
      data: problems.map(({ path, message }) => ({ path, message })),
    },
  );
}

function toProblem(issue: StandardIssue): Problem {
  let path = '';
  for (const step of issue.path ?? []) {
    const key = typeof step === 'object' ? step.key : step;
    path += typeof key === 'number' ? `[${key}]` : path === '' ? String(key) : `.${String(key)}`;
  }
  return { path, message: issue.message };
}
