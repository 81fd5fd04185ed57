import { charge, tick } from '../meter.ts';
import type { Value } from '../value/value.ts';
import { JsonParser } from './json-parser.ts';

/** Each character may become an element of a list. */
const BYTES_PER_CHARACTER = 8;

/**
 * The value of a JSON text. `JSON.parse` is of no use here: it loses the difference of 1 and 1.0, digits beyond a
 * double and the order of keys, and turning its objects into dicts takes longer than parsing.
 */
export function decodeJson(text: string): Value {
  tick(text.length >> 4);
  charge(text.length * BYTES_PER_CHARACTER);
  return new JsonParser(text).parse();
}
