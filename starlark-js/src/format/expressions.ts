import type {
  Argument,
  Binary,
  Call,
  Comprehension,
  Conditional,
  DictEntry,
  Dot,
  Expression,
  Parameter,
  Slice,
  Span,
} from '../syntax/ast.ts';
import { isAfterBlank, isBroken, isSpread } from './layout.ts';
import { INDENT, type Printer } from './printer.ts';
import { styledString } from './string-style.ts';

export function printExpression(printer: Printer, node: Expression): void {
  switch (node.kind) {
    case 'Name':
      printer.token(node.name, node.start);
      return;
    case 'Int':
    case 'Float':
      printer.token(written(printer, node), node.start);
      return;
    case 'String':
    case 'Bytes':
    case 'FormattedString':
      printer.token(styledString(written(printer, node)), node.start);
      return;
    case 'List':
      printItems(printer, node, '[', ']', node.items, node.items, printExpression);
      return;
    case 'Tuple':
      printTuple(printer, node, node.items);
      return;
    case 'Dict': {
      const inner = node.entries.flatMap((entry) => [entry.key, entry.value]);
      printItems(printer, node, '{', '}', node.entries, inner, printEntry);
      return;
    }
    case 'Comprehension':
      printComprehension(printer, node);
      return;
    case 'Lambda':
      printer.token('lambda', node.start);
      node.parameters.forEach((parameter, index) => {
        printer.write(index === 0 ? ' ' : ', ');
        printParameter(printer, parameter);
      });
      printer.write(': ');
      printExpression(printer, node.body);
      return;
    case 'Unary':
      printer.token(node.operator === 'not' ? 'not ' : node.operator, node.start);
      printExpression(printer, node.operand);
      return;
    case 'Binary':
      printBinary(printer, node);
      return;
    case 'Conditional':
      printConditional(printer, node);
      return;
    case 'Call':
      printCall(printer, node);
      return;
    case 'Dot':
      printDot(printer, node);
      return;
    case 'Index':
      printExpression(printer, node.object);
      printSubscript(printer, node.end, () => printExpression(printer, node.index));
      return;
    case 'Slice':
      printExpression(printer, node.object);
      printSubscript(printer, node.end, () => printBounds(printer, node));
      return;
    case 'Parenthesized':
      printItems(printer, node, '(', ')', [node.expression], [node.expression], printExpression, false);
      return;
  }
}

function written(printer: Printer, node: Span): string {
  return printer.text.slice(node.start, node.end);
}

/** Items between brackets: on one line, or each on a line of its own with a comma after the last. */
export function printItems<Item extends Span>(
  printer: Printer,
  whole: Span,
  open: string,
  close: string,
  items: readonly Item[],
  inner: readonly Expression[],
  print: (printer: Printer, item: Item) => void,
  hasFinalComma = true,
): void {
  printer.flush(whole.start);
  const spread = isSpread(printer, whole.start, whole.end, items, inner);
  printer.write(open);
  printer.depth++;
  const { indent } = printer;
  if (spread) {
    printer.indent += INDENT;
    printer.flushSuffixes(items[0]?.start ?? whole.end);
  }
  items.forEach((item, index) => {
    if (spread) {
      printer.newline();
      if (index > 0 && isApart(printer, items[index - 1]?.end ?? whole.start, item.start)) printer.blank();
      printer.flush(item.start);
      printer.newline();
    } else if (index > 0) printer.write(' ');
    print(printer, item);
    const isLast = index === items.length - 1;
    if (!isLast || (spread && hasFinalComma)) printer.write(',');
    if (spread) printer.flushSuffixes(items[index + 1]?.start ?? whole.end);
  });
  if (spread) {
    printer.flush(whole.end);
    printer.indent = indent;
    printer.newline();
  }
  printer.depth--;
  printer.write(close);
}

/** Whether a blank line parts an item, or the comment above it, from the item before. */
function isApart(printer: Printer, from: number, to: number): boolean {
  const [comment] = printer.pending(to);
  const start = comment?.start ?? to;
  return isBroken(printer.text, from, start) && isAfterBlank(printer.text, start);
}

function printTuple(printer: Printer, node: Span, items: readonly Expression[]): void {
  const [first] = items;
  const hasParentheses = first === undefined || first.start > node.start;
  if (!hasParentheses) {
    printer.flush(node.start);
    items.forEach((item, index) => {
      if (index > 0) printer.write(', ');
      printExpression(printer, item);
    });
    return;
  }
  if (items.length === 1 && first !== undefined && !isSpread(printer, node.start, node.end, items, items)) {
    printer.token('(', node.start);
    printer.depth++;
    printExpression(printer, first);
    printer.depth--;
    printer.write(',)');
    return;
  }
  printItems(printer, node, '(', ')', items, items, printExpression);
}

function printEntry(printer: Printer, entry: DictEntry): void {
  printExpression(printer, entry.key);
  printer.write(': ');
  printExpression(printer, entry.value);
}

function printComprehension(printer: Printer, node: Comprehension): void {
  const [open, close] = node.form === 'list' ? ['[', ']'] : ['{', '}'];
  const { body } = node;
  const parts: Span[] = [body, ...node.clauses];
  const spread = isSpread(printer, node.start, node.end, parts, 'key' in body ? [body.key, body.value] : [body]);
  printer.token(open, node.start);
  printer.depth++;
  const { indent } = printer;
  if (spread) {
    printer.indent += INDENT;
    printer.flushSuffixes(body.start);
    printer.newline();
  }
  if ('key' in body) printEntry(printer, body);
  else printExpression(printer, body);
  for (const clause of node.clauses) {
    if (spread) {
      printer.flushSuffixes(clause.start);
      printer.newline();
    } else printer.write(' ');
    if (clause.kind === 'ForClause') {
      printer.token('for ', clause.start);
      printExpression(printer, clause.target);
      printer.write(' in ');
      printExpression(printer, clause.iterable);
    } else {
      printer.token('if ', clause.start);
      printExpression(printer, clause.test);
    }
  }
  if (spread) {
    printer.flush(node.end);
    printer.indent = indent;
    printer.newline();
  }
  printer.depth--;
  printer.write(close);
}

/** A space, or a line break where the author made one and brackets allow it. */
function spaceOrBreak(printer: Printer, from: number, to: number): void {
  if (printer.depth > 0 && isBroken(printer.text, from, to)) {
    printer.flush(to);
    printer.newline();
  } else printer.write(' ');
}

function printBinary(printer: Printer, node: Binary): void {
  printExpression(printer, node.left);
  printer.write(` ${node.operator}`);
  spaceOrBreak(printer, node.left.end, node.right.start);
  printExpression(printer, node.right);
}

function printConditional(printer: Printer, node: Conditional): void {
  printExpression(printer, node.then);
  spaceOrBreak(printer, node.then.end, node.test.start);
  printer.write('if ');
  printExpression(printer, node.test);
  spaceOrBreak(printer, node.test.end, node.otherwise.start);
  printer.write('else ');
  printExpression(printer, node.otherwise);
}

function printDot(printer: Printer, node: Dot): void {
  printExpression(printer, node.object);
  if (printer.depth > 0 && isBroken(printer.text, node.object.end, node.name.start)) {
    printer.flush(node.name.start);
    printer.newline();
  } else if (node.object.kind === 'Int') printer.write(' ');
  printer.write('.');
  printer.token(node.name.name, node.name.start);
}

function printCall(printer: Printer, node: Call): void {
  printExpression(printer, node.callee);
  const inner = node.arguments.map((argument) => argument.value);
  printItems(printer, { start: node.parenthesis, end: node.end }, '(', ')', node.arguments, inner, printArgument);
}

function printArgument(printer: Printer, argument: Argument): void {
  switch (argument.kind) {
    case 'Positional':
      break;
    case 'Named':
      printer.token(argument.name.name, argument.start);
      printer.write(' = ');
      break;
    case 'Args':
      printer.token('*', argument.start);
      break;
    case 'Kwargs':
      printer.token('**', argument.start);
      break;
  }
  printExpression(printer, argument.value);
}

function printSubscript(printer: Printer, end: number, print: () => void): void {
  printer.write('[');
  printer.depth++;
  printer.indent += INDENT;
  print();
  printer.flush(end);
  printer.indent -= INDENT;
  printer.depth--;
  printer.write(']');
}

function printBounds(printer: Printer, node: Slice): void {
  if (node.low !== null) printExpression(printer, node.low);
  printer.write(':');
  if (node.high !== null) printExpression(printer, node.high);
  if (node.step === null) return;
  printer.write(':');
  printExpression(printer, node.step);
}

export function printParameter(printer: Printer, parameter: Parameter): void {
  switch (parameter.kind) {
    case 'KeywordOnlyMarker':
      printer.token('*', parameter.start);
      return;
    case 'ArgsParameter':
      printer.token(`*${parameter.name.name}`, parameter.start);
      break;
    case 'KwargsParameter':
      printer.token(`**${parameter.name.name}`, parameter.start);
      break;
    case 'Parameter':
      printer.token(parameter.name.name, parameter.start);
      break;
  }
  if (parameter.type !== null) {
    printer.write(': ');
    printExpression(printer, parameter.type);
  }
  if (parameter.kind === 'Parameter' && parameter.default !== null) {
    printer.write(' = ');
    printExpression(printer, parameter.default);
  }
}

/** The parameters of a `def`: when spread, indented twice so that they stand apart from the body. */
export function printParameters(printer: Printer, start: number, end: number, parameters: readonly Parameter[]): void {
  const inner = parameters.flatMap((parameter) =>
    parameter.kind === 'Parameter' && parameter.default !== null ? [parameter.default] : [],
  );
  if (!isSpread(printer, start, end, parameters, inner)) {
    printer.write('(');
    printer.depth++;
    parameters.forEach((parameter, index) => {
      if (index > 0) printer.write(', ');
      printParameter(printer, parameter);
    });
    printer.depth--;
    printer.write(')');
    return;
  }
  if (parameters.length === 0 || [...printer.pending(end)].length > 0) {
    printItems(printer, { start, end }, '(', ')', parameters, inner, printParameter);
    return;
  }
  const { indent } = printer;
  printer.write('(');
  printer.depth++;
  printer.indent += 2 * INDENT;
  parameters.forEach((parameter, index) => {
    printer.newline();
    printParameter(printer, parameter);
    if (index < parameters.length - 1) printer.write(',');
  });
  printer.indent = indent;
  printer.depth--;
  printer.write(')');
}
