import type { Binary, Conditional, Expression, FormattedPart, FormattedString, Name, Unary } from '../syntax/ast.ts';
import { arithmetic, comparison } from './arithmetic.ts';
import { boxed, boxedText, truthText } from './boxing.ts';
import { call } from './calls.ts';
import { type Code, code } from './code.ts';
import { comprehension } from './comprehensions.ts';
import { lambda } from './definitions.ts';
import { dictDisplay } from './dict-display.ts';
import { bracesFormat, percentFormat } from './formats.ts';
import type { FunctionWriter } from './function-writer.ts';
import { bigintLiteral, numberLiteral, stringLiteral } from './names.ts';
import { productModulo } from './peepholes.ts';
import { join } from './static-type.ts';
import { element, slice } from './subscripts.ts';
import { keywords } from './universal.ts';

/** Writes an expression: the text of its value, after emitting the statements that it needs before. */
export function expression(writer: FunctionWriter, node: Expression): Code {
  switch (node.kind) {
    case 'Name':
      return readName(writer, node);
    case 'Int':
      return typeof node.value === 'number'
        ? code(numberLiteral(node.value), 'int', true)
        : code(bigintLiteral(node.value), 'integer', true);
    case 'Float':
      return Number.isFinite(node.value) ? code(numberLiteral(node.value), 'double', true) : code('Infinity', 'double');
    case 'String':
      return code(stringLiteral(node.value), 'string', node.value.length < 40);
    case 'Bytes':
      return code(writer.program.bytes(node.value), 'any', true);
    case 'FormattedString':
      return formatted(writer, node);
    case 'List':
      return code(`new ${writer.helper('List')}([${boxedValues(writer, node.items).join(',')}])`, 'list');
    case 'Tuple':
      return code(`new ${writer.helper('Tuple')}([${boxedValues(writer, node.items).join(',')}])`, 'tuple');
    case 'Dict':
      return dictDisplay(writer, node);
    case 'Comprehension':
      return comprehension(writer, node);
    case 'Lambda':
      return lambda(writer, node);
    case 'Unary':
      return unary(writer, node);
    case 'Binary':
      return binary(writer, node);
    case 'Conditional':
      return conditional(writer, node);
    case 'Call':
      return bracesFormat(writer, node) ?? call(writer, node);
    case 'Dot': {
      const object = boxedText(writer, writer.expression(node.object));
      const at = { start: node.name.start - 1, end: node.name.end };
      return code(`${writer.call('attribute', at)}(${object},${stringLiteral(node.name.name)})`);
    }
    case 'Index':
      return element(writer, node);
    case 'Slice':
      return slice(writer, node);
    case 'Parenthesized':
      return expression(writer, node.expression);
  }
}

/** Several values, evaluated in order; those before a comprehension are kept in variables until it is done. */
export function values(writer: FunctionWriter, nodes: readonly Expression[]): Code[] {
  const { withComprehension } = writer.program.resolution;
  let last = nodes.length - 1;
  while (last > 0 && !withComprehension.has(nodes[last]!)) last--;
  return nodes.map((node, index) => {
    const value = writer.expression(node);
    return index < last ? writer.spill(value) : value;
  });
}

export function boxedValues(writer: FunctionWriter, nodes: readonly Expression[]): string[] {
  return values(writer, nodes).map((value) => boxedText(writer, value));
}

function readName(writer: FunctionWriter, node: Name): Code {
  const { program } = writer;
  const binding = program.resolution.names.get(node)!;
  if (binding.scope === 'universe') {
    const keyword = keywords.get(binding.name);
    return keyword ?? code(program.universe(binding.name), 'any', true);
  }
  const name = writer.variable(binding);
  const type = writer.typeOf(binding);
  if (binding.scope === 'predeclared' || writer.isAssigned(binding)) return { text: name, type, simple: true, binding };
  const kind = binding.scope === 'global' ? 'global' : 'local';
  return code(
    `(${name}===undefined?${writer.call('unassigned', node)}("${kind}",${stringLiteral(node.name)}):${name})`,
    type,
  );
}

function unary(writer: FunctionWriter, node: Unary): Code {
  if (node.operator === 'not') return code(`!${condition(writer, node.operand)}`, 'bool');
  const operand = writer.expression(node.operand);
  if (node.operator === '-') {
    if (operand.type === 'double') return code(`(-${operand.text})`, 'double');
    if (operand.type === 'int') return code(`(0-${operand.text})`, 'int');
  }
  if (node.operator === '+' && (operand.type === 'double' || operand.type === 'int')) return operand;
  const helper = { '-': 'negate', '+': 'plus', '~': 'invert' }[node.operator];
  return code(
    `${writer.call(helper, node)}(${boxedText(writer, operand)})`,
    operand.type === 'integer' ? 'integer' : 'any',
  );
}

function binary(writer: FunctionWriter, node: Binary): Code {
  const { operator } = node;
  if (operator === 'and' || operator === 'or') return shortCircuit(writer, node);
  const short = productModulo(writer, node) ?? percentFormat(writer, node);
  if (short !== null) return short;
  const [left, right] = values(writer, [node.left, node.right]) as [Code, Code];
  const at = { start: node.operatorStart, end: node.operatorStart + operator.length };
  switch (operator) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparison(writer, operator, left, right, at);
    case 'in':
    case 'not in': {
      const test = `${writer.call('isIn', at)}(${boxedText(writer, left)},${boxedText(writer, right)})`;
      return code(operator === 'in' ? test : `!${test}`, 'bool');
    }
    default:
      return arithmetic(writer, operator, left, right, at);
  }
}

/** `a and b` is `b` if `a` is true, otherwise `a`. */
function shortCircuit(writer: FunctionWriter, node: Binary): Code {
  const left = boxed(writer, writer.expression(node.left));
  const isAnd = node.operator === 'and';
  if (writer.program.resolution.withComprehension.has(node.right)) {
    const result = writer.temporary();
    writer.emit(`${result}=${left.text};`);
    const test = truthText(writer, { ...left, text: result });
    writer.emit(`if(${isAnd ? test : `!${test}`}){`);
    const right = boxed(writer, writer.expression(node.right));
    writer.emit(`${result}=${right.text};}`);
    return code(result, join(left.type, right.type), true);
  }
  const right = boxed(writer, writer.expression(node.right));
  if (left.type === 'bool' && right.type === 'bool')
    return code(`(${left.text}${isAnd ? '&&' : '||'}${right.text})`, 'bool');
  const kept = left.simple ? left.text : writer.temporary();
  const before = left.simple ? '' : `${kept}=${left.text},`;
  const test = truthText(writer, { ...left, text: kept });
  const chosen = isAnd ? `${right.text}:${kept}` : `${kept}:${right.text}`;
  return code(`(${before}${test}?${chosen})`, join(left.type, right.type));
}

/** An expression whose truth alone matters, as a JavaScript condition. */
export function condition(writer: FunctionWriter, node: Expression): string {
  if (node.kind === 'Parenthesized') return condition(writer, node.expression);
  if (node.kind === 'Unary' && node.operator === 'not') return `!${condition(writer, node.operand)}`;
  if (node.kind === 'Binary' && (node.operator === 'and' || node.operator === 'or')) {
    if (!writer.program.resolution.withComprehension.has(node.right)) {
      const operator = node.operator === 'and' ? '&&' : '||';
      return `(${condition(writer, node.left)}${operator}${condition(writer, node.right)})`;
    }
  }
  return truthText(writer, writer.expression(node));
}

function conditional(writer: FunctionWriter, node: Conditional): Code {
  const { withComprehension } = writer.program.resolution;
  const test = condition(writer, node.test);
  if (!withComprehension.has(node.then) && !withComprehension.has(node.otherwise)) {
    const first = writer.expression(node.then);
    const second = writer.expression(node.otherwise);
    if (first.type === 'double' && second.type === 'double')
      return code(`(${test}?${first.text}:${second.text})`, 'double');
    const [a, b] = [boxed(writer, first), boxed(writer, second)];
    return code(`(${test}?${a.text}:${b.text})`, join(a.type, b.type));
  }
  const result = writer.temporary();
  writer.emit(`if(${test}){`);
  const first = boxed(writer, writer.expression(node.then));
  writer.emit(`${result}=${first.text};}else{`);
  const second = boxed(writer, writer.expression(node.otherwise));
  writer.emit(`${result}=${second.text};}`);
  return code(result, join(first.type, second.type), true);
}

function formatted(writer: FunctionWriter, node: FormattedString): Code {
  if (node.parts.length === 0) return code('""', 'string', true);
  const written = boxedValues(writer, embedded(node.parts));
  return code(
    `${writer.call('joinFormatted', node)}([${formattedParts(writer, node.parts, written).join(',')}])`,
    'string',
  );
}

/** The expressions of an f-string in the order of their evaluation. */
function embedded(parts: readonly (string | FormattedPart)[]): Expression[] {
  return parts.flatMap((part) => (typeof part === 'string' ? [] : [part.expression, ...embedded(part.spec)]));
}

/** Takes the values of `embedded` from the front of `written`. */
function formattedParts(
  writer: FunctionWriter,
  parts: readonly (string | FormattedPart)[],
  written: string[],
): string[] {
  return parts.map((part) => {
    if (typeof part === 'string') return stringLiteral(part);
    const value = written.shift()!;
    const conversion = stringLiteral(part.conversion ?? '');
    const spec =
      part.spec.length === 0
        ? '""'
        : `${writer.helper('joinFormatted')}([${formattedParts(writer, part.spec, written).join(',')}])`;
    return `${writer.call('formatPart', part)}(${value},${conversion},${spec})`;
  });
}
