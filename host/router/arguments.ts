import type { Json, JsonSchema } from '@clay/sdk';
import { badArguments, checkJson, type Problem } from '@clay/sdk/wire';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';

/** Checks the arguments of capabilities against their schemas. The only module that knows ajv. */
export class ArgumentChecker {
  // Schemas come from plugins: unknown words and formats must not stop a call, and one author's `$id` must not meet another's.
  readonly #ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    addUsedSchema: false,
    logger: false,
  });
  readonly #compiled = new WeakMap<JsonSchema, ValidateFunction>();

  /**
   * The arguments, with what a model often gets wrong set right where it can only be meant so (`"5"` for 5, null for
   * what it leaves out).
   *
   * @throws ClayError `BAD_ARGUMENTS`, listing every problem with its path
   */
  check(schema: JsonSchema, args: Json, capability: string): Json {
    const validate = this.#compile(schema);
    if (validate(args)) return args;
    const { value, problems } = checkJson(schema, args);
    if (problems.length === 0 && validate(value)) return value;
    const found = problems.length > 0 ? problems : (validate.errors ?? []).map(toProblem);
    throw badArguments(`The arguments of ${capability}`, found);
  }

  #compile(schema: JsonSchema): ValidateFunction {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(schema);
      this.#compiled.set(schema, validate);
    }
    return validate;
  }

  /** Throws `BAD_ARGUMENTS` when a schema is none. */
  checkSchema(schema: JsonSchema, what: string): void {
    if (this.#ajv.validateSchema(schema) === true) return;
    throw badArguments(what, (this.#ajv.errors ?? []).map(toProblem));
  }
}

function toProblem({ instancePath, message, params }: ErrorObject): Problem {
  const path = instancePath
    .slice(1)
    .replaceAll(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replaceAll('/', '.');
  const detail = Object.values(params)
    .filter((value) => typeof value === 'string')
    .join(', ');
  return { path, message: `${message ?? 'does not fit'}${detail === '' ? '' : ` (${detail})`}` };
}
