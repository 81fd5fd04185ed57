import type { BinaryOperator } from './ast.ts';
import * as token from './token.ts';

/** `or` binds weakest. `not` stands between `and` and the comparisons; unary signs bind tighter than all of these. */
export const LOWEST = 1;
export const NEGATION = 3;
export const COMPARISON = 4;

const levels: readonly (readonly [number, readonly (readonly [number, BinaryOperator])[]])[] = [
  [LOWEST, [[token.OR, 'or']]],
  [2, [[token.AND, 'and']]],
  [
    COMPARISON,
    [
      [token.EQUAL_EQUAL, '=='],
      [token.NOT_EQUAL, '!='],
      [token.LESS, '<'],
      [token.GREATER, '>'],
      [token.LESS_EQUAL, '<='],
      [token.GREATER_EQUAL, '>='],
      [token.IN, 'in'],
      [token.NOT, 'not in'],
    ],
  ],
  [5, [[token.BAR, '|']]],
  [6, [[token.CARET, '^']]],
  [7, [[token.AMPERSAND, '&']]],
  [
    8,
    [
      [token.LEFT_SHIFT, '<<'],
      [token.RIGHT_SHIFT, '>>'],
    ],
  ],
  [
    9,
    [
      [token.PLUS, '+'],
      [token.MINUS, '-'],
    ],
  ],
  [
    10,
    [
      [token.STAR, '*'],
      [token.PERCENT, '%'],
      [token.SLASH, '/'],
      [token.SLASH_SLASH, '//'],
    ],
  ],
];

/** How tightly a token binds as a binary operator; 0 when it is none. */
export const precedences = new Uint8Array(token.TOKEN_COUNT);

/** The operator a token is between two operands; a `not` there begins `not in`. */
export const binaryOperators: readonly (BinaryOperator | undefined)[] = fill();

function fill(): (BinaryOperator | undefined)[] {
  const operators = new Array<BinaryOperator | undefined>(token.TOKEN_COUNT).fill(undefined);
  for (const [precedence, members] of levels) {
    for (const [kind, operator] of members) {
      precedences[kind] = precedence;
      operators[kind] = operator;
    }
  }
  return operators;
}

/** The precedence of a binary operator as it is in the tree. */
export const operatorPrecedence: ReadonlyMap<BinaryOperator, number> = new Map(
  levels.flatMap(([precedence, members]) => members.map(([, operator]) => [operator, precedence] as const)),
);
