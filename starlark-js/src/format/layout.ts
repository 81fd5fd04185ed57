import type { Expression, Span } from '../syntax/ast.ts';
import type { Printer } from './printer.ts';

/** Whether the source breaks the line between two offsets. */
export function isBroken(text: string, from: number, to: number): boolean {
  for (let offset = from; offset < to; offset++) {
    const code = text.charCodeAt(offset);
    if (code === 10 || code === 13) return true;
  }
  return false;
}

/** Whether a blank line stands before the line on which `offset` is. */
export function isAfterBlank(text: string, offset: number): boolean {
  let at = lineStart(text, offset);
  if (at === 0) return false;
  at--;
  if (text.charCodeAt(at) === 10 && text.charCodeAt(at - 1) === 13) at--;
  const start = lineStart(text, at);
  return at >= 0 && text.slice(start, at).trim() === '';
}

function lineStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && text.charCodeAt(start - 1) !== 10 && text.charCodeAt(start - 1) !== 13) start--;
  return start;
}

/** The column of an offset, tabs to the next multiple of eight. */
export function columnOf(text: string, offset: number): number {
  let column = 0;
  for (let at = lineStart(text, offset); at < offset; at++) column += text.charCodeAt(at) === 9 ? 8 - (column % 8) : 1;
  return column;
}

/** The offset of the first code after `offset`, semicolons aside. */
export function codeAfter(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 35) while (at < text.length && !isBroken(text, at, at + 1)) at++;
    else if (code === 32 || (code >= 9 && code <= 13) || code === 92 || code === 59) at++;
    else return at;
  }
}

/** Whether the items of a bracket get a line each: the author broke a line between them, or inside one of them. */
export function isSpread(
  printer: Printer,
  start: number,
  end: number,
  items: readonly Span[],
  inner: readonly Expression[],
): boolean {
  if (printer.hasPending(end) && [...printer.pending(end)].some((comment) => comment.start > start)) return true;
  let from = start + 1;
  for (const item of items) {
    if (isBroken(printer.text, from, item.start)) return true;
    from = item.end;
  }
  return isBroken(printer.text, from, end - 1) || inner.some((expression) => hasBreak(printer.text, expression));
}

/** Whether the author broke the line inside an expression, outside its brackets. */
export function hasBreak(text: string, expression: Expression): boolean {
  switch (expression.kind) {
    case 'Binary':
      return (
        isBroken(text, expression.left.end, expression.right.start) ||
        hasBreak(text, expression.left) ||
        hasBreak(text, expression.right)
      );
    case 'Conditional':
      return (
        isBroken(text, expression.then.end, expression.test.start) ||
        isBroken(text, expression.test.end, expression.otherwise.start) ||
        hasBreak(text, expression.then) ||
        hasBreak(text, expression.test) ||
        hasBreak(text, expression.otherwise)
      );
    case 'Dot':
      return isBroken(text, expression.object.end, expression.name.start) || hasBreak(text, expression.object);
    case 'Call':
      return hasBreak(text, expression.callee);
    case 'Index':
    case 'Slice':
      return hasBreak(text, expression.object);
    case 'Unary':
      return hasBreak(text, expression.operand);
    case 'Lambda':
      return hasBreak(text, expression.body);
    default:
      return false;
  }
}
