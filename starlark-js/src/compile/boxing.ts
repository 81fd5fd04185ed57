import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { isNumeric } from './static-type.ts';

/** The same value in the representation of `Value`. */
export function boxed(writer: FunctionWriter, value: Code): Code {
  if (value.type !== 'double') return value;
  return code(`${writer.helper('makeFloat')}(${value.text})`, 'any');
}

/** Text of a value that leaves the function's own variables. */
export function boxedText(writer: FunctionWriter, value: Code): string {
  return boxed(writer, value).text;
}

/** A number that the code can compute with: an int of safe size, or a double. */
export function isRawNumber(value: Code): boolean {
  return value.type === 'int' || value.type === 'double';
}

/** The text of a statically numeric value as a JavaScript number; an `integer` may be too large for that. */
export function asDouble(writer: FunctionWriter, value: Code): string | null {
  if (!isNumeric(value.type)) return null;
  if (value.type !== 'integer') return value.text;
  return `${writer.helper('toDouble')}(${value.text})`;
}

/** A JavaScript condition. */
export function truthText(writer: FunctionWriter, value: Code): string {
  switch (value.type) {
    case 'bool':
      return value.text;
    case 'none':
      return `(${value.text},false)`;
    case 'int':
    case 'integer':
    case 'double':
      return `((${value.text})!==0)`;
    case 'string':
      return `((${value.text})!=="")`;
    default:
      return `${writer.helper('truth')}(${value.text})`;
  }
}
