/** What may cross the wire: JSON and nothing else. Bytes travel beside it, as binary parts (`wire.md`). */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A plain object of {@link Json}. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = JsonObject;
