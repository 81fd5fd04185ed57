import { charge, tick } from '../meter.ts';
import { StarlarkDict } from '../value/dict.ts';
import { maxNesting } from '../value/limits.ts';
import { StarlarkList } from '../value/list.ts';
import type { Value } from '../value/value.ts';
import { JsonParser, jsonFailure } from './json-parser.ts';

/**
 * What `JSON.parse` would not keep: the point or exponent of an integral float, digits beyond a double, the order of
 * keys that look like array indices, and half of a surrogate pair. Texts that may contain one take the slow way.
 * A fraction that begins with seven zeros or nines, or stands behind ten digits, might be rounded to an int.
 */
const NEEDS_PARSER = /\d[eE]|\d\.(?:0+(?!\d)|0{7}|9{7})|\d{10}\.|(?<![\d.])\d{16}|"(?:0|[1-9]\d*)"\s*:|\\u[dD]/;

const BYTES_PER_CHARACTER = 8;
const BYTES_PER_DICT = 240;
const BYTES_PER_LIST = 64;

/** The value of a JSON text. */
export function decodeJson(text: string): Value {
  tick(text.length >> 4);
  charge(text.length * BYTES_PER_CHARACTER);
  if (!NEEDS_PARSER.test(text)) {
    const data = parseNatively(text);
    if (data !== undefined) return convert(data, 0);
  }
  return new JsonParser(text).parse();
}

/** Undefined for a text that JSON.parse refuses: our own parser tells why, or takes it. */
function parseNatively(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function convert(data: unknown, depth: number): Value {
  if (typeof data === 'number') return data + 0; // JSON.parse reads -0 as a negative zero, which is no int.
  if (typeof data !== 'object' || data === null) return data as Value;
  if (depth >= maxNesting) throw jsonFailure(`nested more than ${maxNesting} levels deep`);
  if (Array.isArray(data)) {
    charge(BYTES_PER_LIST);
    for (let i = 0; i < data.length; i++) {
      const item: unknown = data[i];
      if (typeof item !== 'string') data[i] = convert(item, depth + 1);
    }
    return new StarlarkList(data as Value[]);
  }
  const dict = new StarlarkDict();
  charge(BYTES_PER_DICT);
  const { map } = dict;
  const source = data as Readonly<Record<string, unknown>>;
  // JSON.parse defines own properties only, "__proto__" included, so reading them by name reaches no prototype.
  for (const key of Object.keys(source)) {
    const item = source[key];
    map.set(key, typeof item === 'string' ? item : convert(item, depth + 1));
  }
  return dict;
}
