import type { Expression, Lambda, Name, StringLiteral } from './ast.ts';
import { parseBraces, parseList, parseParenthesized } from './brackets.ts';
import { parseCall } from './call.ts';
import { parseFormattedString } from './formatted-string.ts';
import { chainedComparison, expressionHint, generatorHint, keywordAsName } from './habits.ts';
import { maxChain, maxNesting } from './limits.ts';
import { parseParameters } from './parameters.ts';
import { binaryOperators, COMPARISON, LOWEST, NEGATION, operatorPrecedence, precedences } from './precedence.ts';
import type { Scanner } from './scanner.ts';
import { SyntaxFailure } from './syntax-failure.ts';
import { endsExpressions } from './targets.ts';
import * as token from './token.ts';

/**
 * Recursive descent over the tokens of a scanner, for expressions. Whatever cannot be read throws a `SyntaxFailure`,
 * which the statement around it catches; what is wrong but can be understood is reported, and parsing goes on.
 */
export class ExpressionParser {
  readonly scanner: Scanner;
  /** How deep the expression parsed last is; no tree is deeper than later phases can recurse. */
  height = 0;
  /** How many expressions are open at this moment. */
  nesting = 0;

  constructor(scanner: Scanner) {
    this.scanner = scanner;
  }

  /** One expression, without a tuple's bare commas. */
  parseTest(): Expression {
    const { scanner } = this;
    this.enter();
    if (scanner.kind === token.LAMBDA) {
      const lambda = this.#lambda();
      this.nesting--;
      return lambda;
    }
    const then = this.parseBinary(LOWEST);
    if (scanner.kind !== token.IF) {
      this.nesting--;
      return then;
    }
    const ifStart = scanner.start;
    let height = this.height;
    scanner.next();
    const test = this.parseBinary(LOWEST);
    height = Math.max(height, this.height);
    if (scanner.kind !== token.ELSE) {
      throw new SyntaxFailure(
        'SYNTAX_CONDITIONAL',
        'conditional expression without else clause',
        ifStart,
        test.end,
        'write value if condition else other; to filter, put for before if: [x for x in items if condition]',
      );
    }
    scanner.next();
    const otherwise = this.parseTest();
    this.height = Math.max(height, this.height) + 1;
    this.nesting--;
    return { kind: 'Conditional', start: then.start, end: otherwise.end, test, then, otherwise };
  }

  /** One expression, or several with commas between them, which make a tuple. */
  parseExpressions(): Expression {
    const first = this.parseTest();
    if (this.scanner.kind !== token.COMMA) return first;
    return this.#bareTuple(first);
  }

  /** The targets of a `for`: expressions without operators, so that `in` ends them. */
  parseTargets(): Expression {
    const { scanner } = this;
    const first = this.parsePrimary();
    if (scanner.kind !== token.COMMA) return first;
    const items = [first];
    let height = this.height;
    while (scanner.kind === token.COMMA) {
      scanner.next();
      if (scanner.kind === token.IN) break;
      items.push(this.parsePrimary());
      height = Math.max(height, this.height);
    }
    this.height = height + 1;
    return { kind: 'Tuple', start: first.start, end: scanner.previousEnd, items };
  }

  parseBinary(lowest: number): Expression {
    const { scanner } = this;
    let left: Expression;
    if (scanner.kind === token.NOT && lowest <= NEGATION) {
      const { start } = scanner;
      this.enter();
      scanner.next();
      const operand = this.parseBinary(NEGATION);
      this.nesting--;
      this.height++;
      left = { kind: 'Unary', start, end: operand.end, operator: 'not', operand };
    } else {
      left = this.#unary();
    }
    for (;;) {
      const { kind } = scanner;
      const precedence = precedences[kind] ?? 0;
      if (precedence < lowest) return left;
      const operatorStart = scanner.start;
      const { height } = this;
      scanner.next();
      if (kind === token.NOT) this.expect(token.IN, 'in');
      const right = this.parseBinary(precedence + 1);
      this.deepen(height, left.start);
      const operator = binaryOperators[kind] ?? '+';
      if (precedence === COMPARISON && left.kind === 'Binary' && operatorPrecedence.get(left.operator) === COMPARISON) {
        chainedComparison(scanner, left, operator, operatorStart, right);
      }
      left = {
        kind: 'Binary',
        start: left.start,
        end: right.end,
        operator,
        operatorStart,
        left,
        right,
      };
    }
  }

  #unary(): Expression {
    const { scanner } = this;
    const { kind, start } = scanner;
    if (kind !== token.MINUS && kind !== token.PLUS && kind !== token.TILDE) return this.parsePrimary();
    this.enter();
    scanner.next();
    const operand = this.#unary();
    this.nesting--;
    this.height++;
    const operator = kind === token.MINUS ? '-' : kind === token.PLUS ? '+' : '~';
    return { kind: 'Unary', start, end: operand.end, operator, operand };
  }

  /** An operand and what follows it directly: `.name`, `(arguments)`, `[index]`. */
  parsePrimary(): Expression {
    const { scanner } = this;
    let object = this.#operand();
    for (;;) {
      switch (scanner.kind) {
        case token.DOT: {
          scanner.next();
          const name = this.parseName();
          this.deepen(this.height, object.start);
          object = { kind: 'Dot', start: object.start, end: name.end, object, name };
          break;
        }
        case token.OPEN_PARENTHESIS:
          object = parseCall(this, object);
          break;
        case token.OPEN_BRACKET:
          object = this.#subscript(object);
          break;
        default:
          return object;
      }
    }
  }

  parseName(): Name {
    const { scanner } = this;
    if (scanner.kind !== token.NAME) {
      throw this.failure('SYNTAX_NAME', 'not an identifier', keywordAsName(scanner.kind));
    }
    const { start, end } = scanner;
    const name = scanner.string;
    scanner.next();
    return { kind: 'Name', start, end, name };
  }

  parseStringLiteral(): StringLiteral {
    const { scanner } = this;
    const { start, end } = scanner;
    const value = scanner.string;
    scanner.next();
    return { kind: 'String', start, end, value };
  }

  #operand(): Expression {
    const { scanner } = this;
    const { kind, start, end } = scanner;
    this.height = 0;
    switch (kind) {
      case token.NAME: {
        const name = scanner.string;
        scanner.next();
        return { kind: 'Name', start, end, name };
      }
      case token.INT: {
        const value = scanner.number;
        scanner.next();
        return { kind: 'Int', start, end, value };
      }
      case token.FLOAT: {
        const value = Number(scanner.number);
        scanner.next();
        return { kind: 'Float', start, end, value };
      }
      case token.STRING: {
        const value = scanner.string;
        scanner.next();
        if (scanner.kind === token.STRING || scanner.kind === token.FORMATTED_STRING) this.#implicitConcatenation();
        return { kind: 'String', start, end, value };
      }
      case token.BYTES: {
        const value = scanner.bytes;
        scanner.next();
        return { kind: 'Bytes', start, end, value };
      }
      case token.FORMATTED_STRING: {
        this.enter();
        const string = parseFormattedString(this);
        this.nesting--;
        if (scanner.kind === token.STRING || scanner.kind === token.FORMATTED_STRING) this.#implicitConcatenation();
        return string;
      }
      case token.OPEN_PARENTHESIS:
        return parseParenthesized(this);
      case token.OPEN_BRACKET:
        return parseList(this);
      case token.OPEN_BRACE:
        return parseBraces(this);
      default:
        throw this.wanted('primary expression');
    }
  }

  #implicitConcatenation(): void {
    const { scanner } = this;
    const isFormatted = scanner.kind === token.FORMATTED_STRING;
    const opener = scanner.text.charAt(scanner.brackets[scanner.brackets.length - 1] ?? scanner.length);
    const want = opener === '[' ? "']'" : opener === '{' ? "'}'" : opener === '(' ? "','" : 'newline';
    scanner.report(
      'SYNTAX_IMPLICIT_CONCATENATION',
      `got string literal, want ${want}`,
      scanner.start,
      scanner.end,
      'put + between two strings: adjacent strings are not joined in Starlark',
    );
    if (isFormatted) parseFormattedString(this);
    else scanner.next();
    if (scanner.kind === token.STRING || scanner.kind === token.FORMATTED_STRING) this.#implicitConcatenation();
  }

  #bareTuple(first: Expression): Expression {
    const { scanner } = this;
    const items = [first];
    let height = this.height;
    while (scanner.kind === token.COMMA) {
      const { start, end } = scanner;
      scanner.next();
      if (endsExpressions(scanner.kind)) {
        scanner.report(
          'SYNTAX_TRAILING_COMMA',
          'unparenthesized tuple with trailing comma',
          start,
          end,
          items.length === 1
            ? 'write (x,) for a tuple of one, or remove the comma'
            : 'remove the comma, or put the tuple into parentheses',
        );
        break;
      }
      items.push(this.parseTest());
      height = Math.max(height, this.height);
    }
    this.height = height + 1;
    return { kind: 'Tuple', start: first.start, end: items[items.length - 1]?.end ?? first.end, items };
  }

  withoutConditional(): Expression {
    this.enter();
    const expression = this.parseBinary(LOWEST);
    this.nesting--;
    return expression;
  }

  #lambda(): Lambda {
    const { scanner } = this;
    const { start } = scanner;
    scanner.next();
    const { parameters, height } = parseParameters(this, token.COLON, false);
    this.expect(token.COLON, "':'");
    const body = this.parseTest();
    this.height = Math.max(height, this.height) + 1;
    return { kind: 'Lambda', start, end: body.end, parameters, body };
  }

  #subscript(object: Expression): Expression {
    const { scanner } = this;
    let { height } = this;
    scanner.next();
    const bound = (): Expression | null => {
      if (scanner.kind === token.COLON || scanner.kind === token.CLOSE_BRACKET) return null;
      const expression = this.parseTest();
      height = Math.max(height, this.height);
      return expression;
    };
    let low: Expression | null = null;
    if (scanner.kind !== token.COLON) {
      low = this.parseExpressions();
      height = Math.max(height, this.height);
      if (scanner.kind === token.CLOSE_BRACKET) {
        scanner.next();
        this.deepen(height, object.start);
        return { kind: 'Index', start: object.start, end: scanner.previousEnd, object, index: low };
      }
    }
    let high: Expression | null = null;
    let step: Expression | null = null;
    if (scanner.kind === token.COLON) {
      scanner.next();
      high = bound();
      if (scanner.kind === token.COLON) {
        scanner.next();
        step = bound();
      }
    }
    this.expect(token.CLOSE_BRACKET, "']'");
    this.deepen(height, object.start);
    return { kind: 'Slice', start: object.start, end: scanner.previousEnd, object, low, high, step };
  }

  /** Opens one more level of nesting; paired with `nesting--`. */
  enter(): void {
    if (++this.nesting > maxNesting) {
      throw this.failure(
        'SYNTAX_TOO_DEEP',
        `expression nested more than ${maxNesting} levels deep`,
        'give parts of it names of their own',
      );
    }
  }

  deepen(height: number, start: number): void {
    this.height = Math.max(height, this.height) + 1;
    if (this.height > maxChain) {
      throw new SyntaxFailure(
        'SYNTAX_TOO_DEEP',
        `expression of more than ${maxChain} operators`,
        start,
        this.scanner.previousEnd,
        'split it: build a list and use "".join(list) or a loop',
      );
    }
  }

  /** Passes over a token, or fails with `got …, want …`. */
  expect(kind: number, want: string): void {
    if (this.scanner.kind !== kind) throw this.wanted(want);
    this.scanner.next();
  }

  /** The failure `got <this token>, want <want>`, with the hint for the habit that may stand behind it. */
  wanted(want: string, hint?: string): SyntaxFailure {
    const { scanner } = this;
    if (scanner.kind === token.EXCLAMATION) {
      return this.failure('SYNTAX_CHARACTER', "unexpected input character '!'", hint ?? expressionHint(scanner, want));
    }
    const got = token.tokenName[scanner.kind] ?? '';
    return this.failure('SYNTAX_UNEXPECTED_TOKEN', `got ${got}, want ${want}`, hint ?? expressionHint(scanner, want));
  }

  /** Reports a `for` where a generator expression begins; `end` comes after it was read as a comprehension. */
  reportGenerator(want: string, at: number, start: number, end: number): void {
    const message = `got for, want ${want}`;
    this.scanner.report('SYNTAX_GENERATOR', message, at, at + 3, generatorHint(this.scanner, start, end));
  }

  /** A failure at this token. */
  failure(code: string, message: string, hint?: string): SyntaxFailure {
    return new SyntaxFailure(code, message, this.scanner.start, this.scanner.end, hint);
  }
}
