import { ClayError, type Json, type JsonSchema } from '@clay/sdk';
import { badArguments, checkJson, type Problem } from '@clay/sdk/wire';
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';

/** Checks the arguments of capabilities against their schemas. The only module that knows ajv. */
export class ArgumentChecker {
  #ajv: Promise<Ajv2020> | null = null;
  readonly #compiled = new WeakMap<JsonSchema, ValidateFunction>();

  /**
   * The arguments, with what a model often gets wrong set right where it can only be meant so (`"5"` for 5, null for
   * what it leaves out).
   *
   * @throws ClayError `BAD_ARGUMENTS`, listing every problem with its path
   */
  async check(schema: JsonSchema, args: Json, capability: string): Promise<Json> {
    const validate = this.#compiled.get(schema) ?? (await this.#compile(schema, capability));
    if (validate(args)) return args;
    const { value, problems } = checkJson(schema, args);
    if (problems.length === 0 && validate(value)) return value;
    const found = problems.length > 0 ? problems : (validate.errors ?? []).map(toProblem);
    throw badArguments(`The arguments of ${capability}`, found);
  }

  async #compile(schema: JsonSchema, capability: string): Promise<ValidateFunction> {
    this.#ajv ??= loadAjv();
    const ajv = await this.#ajv;
    try {
      const validate = ajv.compile(schema);
      this.#compiled.set(schema, validate);
      return validate;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ClayError('INTERNAL', `The parameters that ${capability} declares are no JSON Schema: ${reason}`, {
        cause,
      });
    }
  }
}

/** Loaded by the first call: it costs 35 ms, which a start need not wait for. */
async function loadAjv(): Promise<Ajv2020> {
  // A CommonJS package: in a bundle only its default export can be imported at run time.
  const { default: ajv } = await import('ajv/dist/2020.js');
  // Schemas come from plugins: unknown words and formats must not stop a call, and one author's `$id` must not meet
  // another's. Compiling tells a broken schema; checking it against the meta-schema first would cost 45 ms.
  return new ajv.Ajv2020({
    strict: false,
    allErrors: true,
    validateFormats: false,
    validateSchema: false,
    addUsedSchema: false,
    logger: false,
  });
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
