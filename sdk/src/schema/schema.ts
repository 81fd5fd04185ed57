import type { Json, JsonSchema } from '../json.ts';

/**
 * The part of Standard Schema (https://standardschema.dev) and Standard JSON Schema that Clay uses.
 * zod 4, valibot and arktype schemas satisfy it as they are.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly jsonSchema?: {
      readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
    };
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

/** What a Standard Schema says of a value. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that a Standard Schema finds wrong. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A schema of tool parameters or of configuration: a Standard Schema, or a JSON Schema as plain data. */
export type Schema<Output = unknown> = StandardSchema<Output> | JsonSchema;

/** The type that a schema's values have after validation; plain JSON Schemas give `Record<string, Json>`. */
export type Infer<S> = S extends StandardSchema<infer Output> ? Output : Record<string, Json>;
