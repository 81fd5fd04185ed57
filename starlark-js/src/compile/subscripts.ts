import type { Index, Slice, Span } from '../syntax/ast.ts';
import { repeatable } from './arithmetic.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { isIntegral } from './static-type.ts';

/** `object[index]`. */
export function element(writer: FunctionWriter, node: Index): Code {
  const [object, index] = writer.program.grammar.values(writer, [node.object, node.index]) as [Code, Code];
  return elementOf(writer, object, index, { start: node.object.end, end: node.end });
}

export function elementOf(writer: FunctionWriter, object: Code, index: Code, at: Span): Code {
  const key = { ...index, text: boxedText(writer, index) };
  const type = object.type === 'string' ? 'string' : 'any';
  const slow = (a: string, b: string): string => `${writer.call('index', at)}(${a},${b})`;
  if (!writer.hot || object.type === 'string') return code(slow(boxedText(writer, object), key.text), type);
  if (object.type !== 'any' && object.type !== 'list' && object.type !== 'dict')
    return code(slow(boxedText(writer, object), key.text), type);
  const { before, a, b } = repeatable(writer, object, key);
  const t = writer.temporary();
  if (isIntegral(index.type) && object.type !== 'dict') {
    const test = [
      ...(object.type === 'list' ? [] : [`${a} instanceof ${writer.helper('List')}`]),
      ...(index.type === 'int' ? [] : [`typeof ${b}==="number"`]),
      `(${t}=${a}.items,${b}>=0&&${b}<${t}.length)`,
    ].join('&&');
    return code(`(${before}${test}?${t}[${b}]:${slow(a, b)})`, type);
  }
  if (index.type === 'string' || object.type === 'dict') {
    const helper = writer.helper('Dict');
    const test = [
      ...(object.type === 'dict' ? [] : [`${a} instanceof ${helper}`]),
      `(${t}=${a}.map.get(${b}))!==undefined`,
    ].join('&&');
    return code(`(${before}${test}?${t}:${slow(a, b)})`, type);
  }
  return code(`(${before}${slow(a, b)})`, type);
}

/** `object[low:high:step]`. */
export function slice(writer: FunctionWriter, node: Slice): Code {
  const given = [node.object, node.low, node.high, node.step].filter((part) => part !== null);
  const written = writer.program.grammar.values(writer, given);
  let next = 0;
  const parts = [node.object, node.low, node.high, node.step].map((part) =>
    part === null ? 'null' : boxedText(writer, written[next++]!),
  );
  const { type } = written[0]!;
  const kept = type === 'string' || type === 'list' || type === 'tuple' ? type : 'any';
  if (node.step === null) {
    const at = { start: node.object.end, end: node.end };
    return code(`${writer.call('slice2', at)}(${parts.slice(0, 3).join(',')})`, kept);
  }
  return code(`${writer.call('slice', { start: node.object.end, end: node.end })}(${parts.join(',')})`, kept);
}
