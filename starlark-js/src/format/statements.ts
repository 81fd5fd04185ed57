import type { Comment, Def, File, If, Load, LoadBinding, Statement } from '../syntax/ast.ts';
import { printExpression, printItems, printParameters } from './expressions.ts';
import { codeAfter, columnOf, isAfterBlank, isBroken } from './layout.ts';
import { INDENT, type Printer } from './printer.ts';
import { styledString } from './string-style.ts';

export function printFile(printer: Printer, file: File): void {
  printBlock(printer, file.body, file.end, true);
  let isForced = file.body[file.body.length - 1]?.kind === 'Def';
  for (const comment of printer.pending(Number.POSITIVE_INFINITY)) {
    printOwnLine(printer, comment, isForced);
    isForced = false;
  }
}

/** Statements one below the other, with at most one blank line between them, and the comments that go with them. */
function printBlock(printer: Printer, body: readonly Statement[], end: number, isTopLevel = false): void {
  let isFirst = true;
  body.forEach((statement, index) => {
    const previous = body[index - 1];
    let isForced = isTopLevel && previous !== undefined && (previous.kind === 'Def' || statement.kind === 'Def');
    for (const comment of printer.pending(statement.start)) {
      printOwnLine(printer, comment, !isFirst && isForced);
      isFirst = false;
      isForced = false;
    }
    const isOnOwnLine = previous === undefined || isBroken(printer.text, previous.end, statement.start);
    if (!isFirst && (isForced || (isOnOwnLine && isAfterBlank(printer.text, statement.start)))) printer.blank();
    isFirst = false;
    printer.newline();
    const next = body[index + 1]?.start ?? end;
    printStatement(printer, statement, next);
    printer.flushSuffixes(next);
    printer.newline();
  });
  const [first] = body;
  if (first === undefined || isTopLevel) return;
  const column = columnOf(printer.text, first.start);
  for (const comment of printer.pending(end)) {
    if (columnOf(printer.text, comment.start) < column) return;
    printOwnLine(printer, comment, false);
  }
}

function printOwnLine(printer: Printer, comment: Comment, isForced: boolean): void {
  if (isForced || isAfterBlank(printer.text, comment.start)) printer.blank();
  printer.ownLineComment(comment);
  printer.newline();
}

function printStatement(printer: Printer, node: Statement, end: number): void {
  switch (node.kind) {
    case 'ExpressionStatement':
      printExpression(printer, node.expression);
      return;
    case 'Assign':
      printExpression(printer, node.target);
      if (node.type !== null) {
        printer.write(': ');
        printExpression(printer, node.type);
      }
      printer.write(' = ');
      printExpression(printer, node.value);
      return;
    case 'AugmentedAssign':
      printExpression(printer, node.target);
      printer.write(` ${node.operator} `);
      printExpression(printer, node.value);
      return;
    case 'Return':
      printer.write('return');
      if (node.value === null) return;
      printer.write(' ');
      printExpression(printer, node.value);
      return;
    case 'Break':
    case 'Continue':
    case 'Pass':
      printer.write(node.kind.toLowerCase());
      return;
    case 'Load':
      printLoad(printer, node);
      return;
    case 'Def':
      printDef(printer, node, end);
      return;
    case 'If':
      printIf(printer, node, end);
      return;
    case 'For':
      printer.write('for ');
      printExpression(printer, node.target);
      printer.write(' in ');
      printExpression(printer, node.iterable);
      printSuite(printer, node.body, end);
      return;
    case 'While':
      printer.write('while ');
      printExpression(printer, node.test);
      printSuite(printer, node.body, end);
      return;
  }
}

function printSuite(printer: Printer, body: readonly Statement[], end: number): void {
  printer.write(':');
  printer.flushSuffixes(body[0]?.start ?? end);
  printer.newline();
  printer.indent += INDENT;
  printBlock(printer, body, end);
  printer.indent -= INDENT;
}

function printDef(printer: Printer, node: Def, end: number): void {
  printer.write(`def ${node.name.name}`);
  const open = codeAfter(printer.text, node.name.end);
  const lastPart = node.parameters[node.parameters.length - 1]?.end ?? open + 1;
  let close = codeAfter(printer.text, lastPart);
  if (printer.text.charAt(close) === ',') close = codeAfter(printer.text, close + 1);
  printParameters(printer, open, close + 1, node.parameters);
  if (node.returnType !== null) {
    printer.write(' -> ');
    printExpression(printer, node.returnType);
  }
  printSuite(printer, node.body, end);
}

function printIf(printer: Printer, node: If, end: number): void {
  let branch = node;
  for (let isFirst = true; ; isFirst = false) {
    const [next] = branch.otherwise;
    const lastOfThen = branch.then[branch.then.length - 1];
    const branchEnd = next === undefined ? end : codeAfter(printer.text, lastOfThen?.end ?? branch.test.end);
    printer.write(isFirst ? 'if ' : 'elif ');
    printExpression(printer, branch.test);
    printSuite(printer, branch.then, branchEnd);
    if (next === undefined) return;
    for (const comment of printer.pending(branchEnd)) printOwnLine(printer, comment, false);
    const isElif = next.kind === 'If' && branch.otherwise.length === 1 && printer.text.startsWith('elif', next.start);
    if (!isElif) {
      printer.write('else');
      printSuite(printer, branch.otherwise, end);
      return;
    }
    branch = next;
  }
}

function printLoad(printer: Printer, node: Load): void {
  type Part = { readonly start: number; readonly end: number; readonly binding: LoadBinding | null };
  const module: Part = { start: node.module.start, end: node.module.end, binding: null };
  const parts = [
    module,
    ...node.bindings.map((binding): Part => ({ start: binding.start, end: binding.end, binding })),
  ];
  const open = printer.text.indexOf('(', node.start);
  printer.write('load');
  printItems(printer, { start: open, end: node.end }, '(', ')', parts, [], (_, { binding }) => {
    const string = binding === null ? node.module : binding.name;
    if (binding !== null && binding.local.start !== binding.name.start) {
      printer.token(binding.local.name, binding.local.start);
      printer.write(' = ');
    }
    printer.token(styledString(printer.text.slice(string.start, string.end)), string.start);
  });
}
