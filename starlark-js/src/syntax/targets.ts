import type { Expression } from './ast.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

/** What starlark-go calls an expression that cannot be assigned to. */
function nodeName(expression: Expression): string {
  switch (expression.kind) {
    case 'Int':
    case 'Float':
    case 'String':
    case 'Bytes':
    case 'FormattedString':
      return 'literal';
    case 'Name':
      return 'ident';
    case 'List':
      return 'listexpr';
    case 'Tuple':
      return 'tupleexpr';
    case 'Dict':
      return 'dictexpr';
    case 'Comprehension':
      return 'comprehension';
    case 'Lambda':
      return 'lambdaexpr';
    case 'Unary':
      return 'unaryexpr';
    case 'Binary':
      return 'binaryexpr';
    case 'Conditional':
      return 'condexpr';
    case 'Call':
      return 'callexpr';
    case 'Dot':
      return 'dotexpr';
    case 'Index':
      return 'indexexpr';
    case 'Slice':
      return 'sliceexpr';
    case 'Parenthesized':
      return 'parenexpr';
  }
}

/** Reports every part of the left side of `=`, or of the variables of a `for`, that cannot be assigned to. */
export function checkTarget(scanner: Scanner, target: Expression): void {
  switch (target.kind) {
    case 'Name':
    case 'Dot':
    case 'Index':
      return;
    case 'Parenthesized':
      checkTarget(scanner, target.expression);
      return;
    case 'Tuple':
    case 'List':
      for (const item of target.items) checkTarget(scanner, item);
      return;
    default:
      reportTarget(scanner, target);
  }
}

/** Reports the left side of an augmented assignment unless it is one variable, element or attribute. */
export function checkAugmentedTarget(scanner: Scanner, target: Expression): void {
  if (target.kind === 'Tuple' || target.kind === 'List') {
    scanner.report(
      'SYNTAX_TARGET',
      `can't use ${target.kind.toLowerCase()} expression in augmented assignment`,
      target.start,
      target.end,
      'change one variable per statement',
    );
  } else if (target.kind === 'Parenthesized') checkAugmentedTarget(scanner, target.expression);
  else if (target.kind !== 'Name' && target.kind !== 'Dot' && target.kind !== 'Index') reportTarget(scanner, target);
}

function reportTarget(scanner: Scanner, target: Expression): void {
  scanner.report(
    'SYNTAX_TARGET',
    `can't assign to ${nodeName(target)}`,
    target.start,
    target.end,
    target.kind === 'Slice'
      ? 'build a new list: a[:i] + values + a[j:]'
      : 'only a variable, an element x[i], an attribute x.name, or a list of these can be assigned; == compares',
  );
}

/** Whether a token ends a list of expressions that has no brackets of its own. */
export function endsExpressions(kind: number): boolean {
  switch (kind) {
    case token.END_OF_FILE:
    case token.NEWLINE:
    case token.EQUALS:
    case token.COLON:
    case token.SEMICOLON:
    case token.CLOSE_PARENTHESIS:
    case token.CLOSE_BRACKET:
    case token.CLOSE_BRACE:
      return true;
    default:
      return false;
  }
}
