import type { Span } from '../syntax/ast.ts';
import { truthText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { isIntegral } from './static-type.ts';

interface Arguments {
  readonly positional: readonly Code[];
  readonly named: readonly unknown[];
  readonly args: Code | null;
  readonly kwargs: Code | null;
}

/** Universal functions whose work is shorter than their call. */
export function intrinsic(writer: FunctionWriter, name: string, given: Arguments, at: Span): Code | null {
  if (given.named.length > 0 || given.args !== null || given.kwargs !== null) return null;
  const [first, second] = given.positional;
  const count = given.positional.length;
  if (first === undefined) return null;
  if (count === 1) {
    switch (name) {
      case 'len':
        if (first.type === 'string') return code(`(${first.text}).length`, 'int');
        if (first.type === 'list') return code(`(${first.text}).items.length`, 'int');
        return code(`${writer.call('len', at)}(${first.text})`, 'int');
      case 'bool':
        return code(truthText(writer, first), 'bool');
      case 'type':
        return code(`${writer.helper('typeName')}(${first.text})`, 'string');
      case 'str':
        if (first.type === 'string') return first;
        return code(`${writer.call('str', at)}(${first.text})`, 'string');
      case 'int':
        if (isIntegral(first.type)) return first;
        return null;
      case 'float':
        return code(
          `${writer.helper('toDouble')}(${writer.call('call1', at)}(${writer.program.universe('float')},${first.text}))`,
          'double',
        );
      default:
        return null;
    }
  }
  if (count === 2 && second !== undefined && (name === 'min' || name === 'max')) {
    if (first.type === 'int' && second.type === 'int')
      return code(`${writer.helper(name === 'min' ? 'minimum' : 'maximum')}(${first.text},${second.text})`, 'int');
    return code(`${writer.call(name === 'min' ? 'min2' : 'max2', at)}(${first.text},${second.text})`);
  }
  return null;
}
