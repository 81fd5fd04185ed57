import { withoutParentheses } from '../resolve/resolve.ts';
import type {
  Assign,
  AugmentedAssign,
  BinaryOperator,
  Expression,
  ListLiteral,
  Span,
  TupleLiteral,
} from '../syntax/ast.ts';
import { arithmetic } from './arithmetic.ts';
import { boxed, boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { stringLiteral } from './names.ts';
import { isIntegral, type StaticType } from './static-type.ts';
import { elementOf } from './subscripts.ts';

/** `target = value`. The value is evaluated before the parts of the target. */
export function assign(writer: FunctionWriter, target: Expression, value: Code, at: Span): void {
  switch (target.kind) {
    case 'Name': {
      const binding = writer.program.resolution.names.get(target)!;
      writer.emit(`${writer.variable(binding)}=${represented(writer, value, writer.typeOf(binding))};`);
      writer.assigned.add(binding);
      return;
    }
    case 'Parenthesized':
      assign(writer, target.expression, value, at);
      return;
    case 'Index': {
      const kept = writer.spill(boxed(writer, value));
      const [object, key] = writer.program.grammar.values(writer, [target.object, target.index]) as [Code, Code];
      setElement(writer, object, key, kept, { start: target.object.end, end: target.end });
      return;
    }
    case 'Dot': {
      const kept = writer.spill(boxed(writer, value));
      const object = boxedText(writer, writer.expression(target.object));
      writer.emit(`${writer.call('setAttribute', target)}(${object},${stringLiteral(target.name.name)},${kept.text});`);
      return;
    }
    case 'List':
    case 'Tuple':
      unpack(writer, target.items, value, target);
      return;
    default:
      throw new TypeError(`cannot assign to ${target.kind}`);
  }
}

/** The text of a value as a variable of the given type holds it. */
function represented(writer: FunctionWriter, value: Code, type: StaticType): string {
  if (type !== 'double') return boxedText(writer, value);
  return value.type === 'double' ? value.text : `${writer.helper('toDouble')}(${value.text})`;
}

function setElement(writer: FunctionWriter, object: Code, key: Code, value: Code, at: Span): void {
  const general = (x: string, i: string, v: string): string => `${writer.call('setIndex', at)}(${x},${i},${v});`;
  const mayBeList = object.type === 'any' || object.type === 'list';
  if (!writer.hot || (!mayBeList && object.type !== 'dict')) {
    writer.emit(general(boxedText(writer, object), boxedText(writer, key), value.text));
    return;
  }
  const [x, i, v] = [writer.spill(object).text, writer.spill(boxed(writer, key)).text, writer.spill(value).text];
  if (mayBeList && isIntegral(key.type)) {
    const test = [
      ...(object.type === 'list' ? [] : [`${x} instanceof ${writer.helper('List')}`]),
      ...(key.type === 'int' ? [] : [`typeof ${i}==="number"`]),
      `${x}.lock===0&&${i}>=0&&${i}<${x}.items.length`,
    ].join('&&');
    writer.emit(`if(${test})${x}.items[${i}]=${v};else ${general(x, i, v)}`);
  } else if (object.type === 'dict') writer.emit(`${writer.call('setEntry', at)}(${x},${i},${v});`);
  else
    writer.emit(
      `if(${x} instanceof ${writer.helper('Dict')})${writer.call('setEntry', at)}(${x},${i},${v});else ${general(x, i, v)}`,
    );
}

/** `a, b = value`: all elements are read before the first is assigned. */
function unpack(writer: FunctionWriter, targets: readonly Expression[], value: Code, at: Span): void {
  const items = writer.temporary();
  writer.emit(`${items}=${writer.call('unpack', at)}(${boxedText(writer, value)},${targets.length});`);
  const allNames = targets.every((target) => target.kind === 'Name');
  const elements = targets.map((_, index) => code(`${items}[${index}]`));
  const kept = allNames ? elements : elements.map((element) => writer.spill(element));
  for (const [index, target] of targets.entries()) assign(writer, target, kept[index]!, target);
}

/** `target = value`, where `a, b = x, y` needs no tuple. */
export function assignStatement(writer: FunctionWriter, node: Assign): void {
  const target = withoutParentheses(node.target);
  const value = withoutParentheses(node.value);
  const isSequence = (part: Expression): part is ListLiteral | TupleLiteral =>
    part.kind === 'Tuple' || part.kind === 'List';
  if (!isSequence(target) || !isSequence(value) || target.items.length !== value.items.length) {
    assign(writer, node.target, writer.expression(node.value), node);
    return;
  }
  // A variable among the values may be a target too, so each is kept apart before the first is assigned.
  const kept = writer.program.grammar.values(writer, value.items).map((item) => {
    const name = writer.temporary();
    writer.emit(`${name}=${item.text};`);
    return code(name, item.type, true);
  });
  for (const [index, part] of target.items.entries()) assign(writer, part, kept[index]!, part);
}

const inPlace: ReadonlyMap<string, string> = new Map([
  ['+', 'augmentedAdd'],
  ['-', 'augmentedSub'],
  ['|', 'augmentedOr'],
  ['&', 'augmentedAnd'],
  ['^', 'augmentedXor'],
]);

/** `target OP= value`. Lists, dicts and sets are changed in place; the parts of the target are evaluated once. */
export function augmentedAssign(writer: FunctionWriter, node: AugmentedAssign): void {
  const operator = node.operator.slice(0, -1) as Exclude<BinaryOperator, 'and' | 'or'>;
  const at = { start: node.operatorStart, end: node.operatorStart + node.operator.length };
  const { target } = node;
  const combine = (old: Code, value: Code): Code => {
    const helper = inPlace.get(operator);
    const isScalar = (type: string): boolean => type !== 'any' && type !== 'list' && type !== 'dict';
    // A list takes any iterable, a tuple too, in place.
    if (helper === undefined || isScalar(old.type) || (isScalar(value.type) && value.type !== 'tuple'))
      return arithmetic(writer, operator, old, value, at);
    if (old.type === 'any' && writer.hot && value.type === 'any' && (operator === '+' || operator === '-'))
      return arithmetic(writer, operator, old, value, at, helper);
    return code(`${writer.call(helper, at)}(${old.text},${value.text})`, old.type === 'list' ? 'list' : 'any');
  };
  switch (target.kind) {
    case 'Name': {
      const [old, value] = writer.program.grammar.values(writer, [target, node.value]) as [Code, Code];
      assign(writer, target, combine(old, value), node);
      return;
    }
    case 'Index': {
      const [object, key] = writer.program.grammar
        .values(writer, [target.object, target.index])

        .map((part) => writer.spill(boxed(writer, part))) as [Code, Code];
      const place = { start: target.object.end, end: target.end };
      const old = writer.spill(elementOf(writer, object, key, place));
      const result = combine(old, writer.expression(node.value));
      setElement(writer, object, key, boxed(writer, result), place);
      return;
    }
    case 'Dot': {
      const object = writer.spill(writer.expression(target.object));
      const name = stringLiteral(target.name.name);
      const old = writer.spill(code(`${writer.call('attribute', target)}(${object.text},${name})`));
      const result = boxedText(writer, combine(old, writer.expression(node.value)));
      writer.emit(`${writer.call('setAttribute', target)}(${object.text},${name},${result});`);
      return;
    }
    default:
      throw new TypeError(`cannot use ${target.kind} in augmented assignment`);
  }
}
