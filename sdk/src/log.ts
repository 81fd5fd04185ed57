import type { JsonObject } from './json.ts';

/** Events, not prose: a stable name and fields. */
export interface Log {
  debug(event: string, fields?: JsonObject): void;
  info(event: string, fields?: JsonObject): void;
  warn(event: string, fields?: JsonObject): void;
  error(event: string, fields?: JsonObject): void;
}
