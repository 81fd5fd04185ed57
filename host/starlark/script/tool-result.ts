import { ClayError, type Json } from '@clay/sdk';
import { toData } from '@clay/starlark-stdlib';
import { StarlarkError, type Value } from 'starlark-js';
import { maxResultCharacters } from './limits.ts';

/** Characters of a result that is too large which its author gets to see. */
const shownCharacters = 10_000;

/** What a tool gives: its value, with what it printed beside it where it printed something. */
export function toolResult(value: Value, what: string, output: string): Json {
  let data: Json;
  try {
    data = toData(value, what) as Json;
  } catch (error) {
    if (!(error instanceof StarlarkError)) throw error;
    throw new ClayError('INTERNAL', error.message, { ...(output === '' ? {} : { output }), cause: error });
  }
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  if (text.length <= maxResultCharacters) return output === '' ? data : { result: data, output };
  const message = `${what} has ${text.length} characters, and ${maxResultCharacters} may be given back`;
  throw new ClayError('TOO_LARGE', message, { output: output + text.slice(0, shownCharacters) });
}
