/** What may cross the wire: JSON and nothing else. Bytes travel as a {@link Blob} handle or a stream. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema (draft 2020-12) as plain data. */
export type JsonSchema = JsonObject;
