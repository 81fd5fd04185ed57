import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { reserveString } from '../value/reserve.ts';
import { JsonParser } from './json-parser.ts';

const TOKEN = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/gs;

/** Lays valid JSON out in lines: `prefix` begins every line but the first, `indent` stands for each level. */
export function indentJson(text: string, prefix: string, indent: string): string {
  try {
    new JsonParser(text).parse();
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.code !== 'JSON') throw error;
    throw new StarlarkError('JSON', error.message.replace('json.decode', 'json.indent'));
  }
  tick(text.length >> 2);
  let out = '';
  let depth = 0;
  let previous = '';
  const line = (): void => {
    const margin = prefix.length + depth * indent.length + 1;
    reserveString(out.length + margin, margin);
    out += `\n${prefix}${indent.repeat(depth)}`;
  };
  for (const [token] of text.matchAll(TOKEN)) {
    const isClose = token === '}' || token === ']';
    const isAfterOpen = previous === '{' || previous === '[';
    if (isClose) {
      depth--;
      if (!isAfterOpen) line();
    } else if (isAfterOpen) line();
    out += token === ':' ? ': ' : token;
    if (token === ',') line();
    if (token === '{' || token === '[') depth++;
    previous = token;
  }
  reserveString(out.length, text.length);
  return out;
}
