import type { Json, JsonObject } from '@clay/sdk';

/** One thing that the platform can be asked for. */
export interface Operation {
  /** `<category>.<operation>`, such as `social.create_post`. */
  readonly id: string;
  readonly category: string;
  /** One line. */
  readonly summary: string;
  readonly description: string;
  /** In upper case. */
  readonly method: string;
  /** With its `{names}`. */
  readonly path: string;
  readonly parameters: readonly OperationParameter[];
  /** How the body is put together; null: there is none. */
  readonly body: OperationBody | null;
  /** It changes something. */
  readonly isWrite: boolean;
  /** The platform says that it wants to know who asks. */
  readonly needsLogin: boolean;
}

/** Something that the caller gives. */
export interface OperationParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'body';
  /** Its name there, where another of the same name came first. */
  readonly field: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Json;
  /** Several values of a query: one after the other, or with commas between. */
  readonly explode: boolean;
}

export interface OperationBody {
  /** `fields`: an object of the parameters; `whole`: the one parameter of the body is it. */
  readonly shape: 'fields' | 'whole';
  /** Fields that the claw fills in by itself, such as the proof of work. */
  readonly filled: readonly FilledField[];
}

export type FilledField = 'pow_challenge' | 'pow_nonce' | 'public_key';

/** All that a document offers. */
export interface Operations {
  readonly list: readonly Operation[];
  /** What `$ref` in schemas leads to. */
  readonly components: JsonObject;
}
