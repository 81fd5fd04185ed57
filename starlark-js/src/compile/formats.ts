import { withoutParentheses } from '../resolve/resolve.ts';
import type { Binary, Call, Expression, Span } from '../syntax/ast.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { stringLiteral } from './names.ts';

/** A piece of a constant format: literal text, or a value with what becomes of it. */
type Piece = string | { readonly conversion: 's' | 'd' | 'r'; readonly value: number };

/** `"…%s…%d…" % values`: the text is put together where it is written. Null for formats that need more than that. */
export function percentFormat(writer: FunctionWriter, node: Binary): Code | null {
  if (node.operator !== '%' || node.left.kind !== 'String' || !writer.hot) return null;
  const pieces = percentPieces(node.left.value);
  if (pieces === null) return null;
  const count = pieces.filter((piece) => typeof piece !== 'string').length;
  const operand = withoutParentheses(node.right);
  const at: Span = { start: node.operatorStart, end: node.operatorStart + 1 };
  if (operand.kind === 'Tuple') {
    if (operand.items.length !== count || count === 0) return null;
    return code(joined(writer, pieces, simpleValues(writer, operand.items), at), 'string');
  }
  if (count !== 1) return null;
  const [value] = simpleValues(writer, [node.right]) as [Simple];
  const text = joined(writer, pieces, [{ ...value, before: '' }], at);
  // A single value of a type that may be a tuple is its own list of values.
  if (value.isTuple === 'never') return code(`(${value.before}${text})`, 'string');
  const general = `${writer.call('modulo', at)}(${stringLiteral(node.left.value)},${value.text})`;
  return code(`(${value.before}${value.text} instanceof ${writer.helper('Tuple')}?${general}:${text})`, 'string');
}

/** `"…{}…{name}…".format(values)`, likewise. */
export function bracesFormat(writer: FunctionWriter, node: Call): Code | null {
  const callee = withoutParentheses(node.callee);
  if (callee.kind !== 'Dot' || callee.name.name !== 'format' || callee.object.kind !== 'String' || !writer.hot)
    return null;
  const names = new Map<string, number>();
  let positional = 0;
  for (const [index, argument] of node.arguments.entries()) {
    if (argument.kind === 'Positional') positional++;
    else if (argument.kind === 'Named') names.set(argument.name.name, index);
    else return null;
  }
  const pieces = bracesPieces(callee.object.value, positional, names);
  if (pieces === null) return null;
  const values = simpleValues(
    writer,
    node.arguments.map(({ value }) => value),
  );
  return code(joined(writer, pieces, values, { start: callee.name.start - 1, end: node.end }), 'string');
}

interface Simple {
  readonly before: string;
  readonly text: string;
  readonly isString: boolean;
  readonly isTuple: 'never' | 'maybe';
}

/** Values that may be written in another order than the one in which they are evaluated. */
function simpleValues(writer: FunctionWriter, nodes: readonly Expression[]): Simple[] {
  return writer.program.grammar.values(writer, nodes).map((value) => {
    const boxed = boxedText(writer, value);
    const isTuple = value.type === 'any' || value.type === 'tuple' ? 'maybe' : 'never';
    const isString = value.type === 'string';
    if (value.simple && boxed === value.text) return { before: '', text: boxed, isString, isTuple };
    const text = writer.temporary();
    return { before: `${text}=${boxed},`, text, isString, isTuple };
  });
}

function joined(writer: FunctionWriter, pieces: readonly Piece[], values: readonly Simple[], at: Span): string {
  const before = values.map((value) => value.before).join('');
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return stringLiteral(piece);
    const { text, isString } = values[piece.value]!;
    if (piece.conversion === 's') return isString ? text : `${writer.call('display', at)}(${text})`;
    return `${writer.call(piece.conversion === 'd' ? 'decimal' : 'repr', at)}(${text})`;
  });
  return `(${before}${writer.call('reserved', at)}(${['""', ...parts].join('+')}))`;
}

/** The pieces of a format whose conversions are `%s`, `%d` and `%r` without anything else; null for others. */
function percentPieces(format: string): Piece[] | null {
  const pieces: Piece[] = [];
  let value = 0;
  for (const part of format.split(/(%[\s\S])/)) {
    if (part === '') continue;
    if (part[0] !== '%') pieces.push(part);
    else if (part === '%%') pieces.push('%');
    else if (part === '%s' || part === '%d' || part === '%r')
      pieces.push({ conversion: part[1] as 's' | 'd' | 'r', value: value++ });
    else return null;
  }
  return format.endsWith('%') && !format.endsWith('%%') ? null : pieces;
}

/** The pieces of a template whose fields are `{}`, `{0}` or `{name}`; null for others, and where the values do not fit. */
function bracesPieces(template: string, positional: number, names: ReadonlyMap<string, number>): Piece[] | null {
  const pieces: Piece[] = [];
  let automatic = 0;
  let manual = false;
  for (const part of template.split(/(\{\{|\}\}|\{[A-Za-z0-9_]*\})/)) {
    if (part === '') continue;
    if (part === '{{' || part === '}}') pieces.push(part[0]!);
    else if (part[0] !== '{' || part.length < 2) {
      if (/[{}]/.test(part)) return null;
      pieces.push(part);
    } else {
      const field = part.slice(1, -1);
      let value: number | undefined;
      if (field === '') value = automatic++;
      else if (/^(0|[1-9][0-9]{0,4})$/.test(field)) {
        value = Number(field);
        manual = true;
      } else value = names.get(field);
      const isNamed = value !== undefined && names.get(field) === value && !/^[0-9]*$/.test(field);
      if (value === undefined || (!isNamed && value >= positional)) return null;
      pieces.push({ conversion: 's', value });
    }
  }
  return automatic > 0 && manual ? null : pieces;
}
