import { locate, type Note } from '../diagnostic.ts';
import type { AugmentedOperator, Def, Expression, File, For, If, Statement, While } from './ast.ts';
import type { Dialect } from './dialect.ts';
import { ExpressionParser } from './expression-parser.ts';
import { maxBranches, maxSourceLength } from './limits.ts';
import { parseLoad } from './load.ts';
import { parseParameters, reportTypesOff } from './parameters.ts';
import type { ParseResult } from './parse.ts';
import { skipLine } from './recovery.ts';
import { Scanner } from './scanner.ts';
import type { Source } from './source.ts';
import { nameStatementHint, reservedStatementHint, statementHints } from './statement-habits.ts';
import { SyntaxFailure } from './syntax-failure.ts';
import { checkAugmentedTarget, checkTarget } from './targets.ts';
import * as token from './token.ts';

/** Parses statements and recovers from failures: a broken statement is reported, left out, and the next one is read. */
export class Parser extends ExpressionParser {
  readonly #dialect: Dialect;
  #functionDepth = 0;
  #loopDepth = 0;
  #conditionalDepth = 0;
  /** Inside a block whose header was broken, what would be out of place is not reported. */
  #brokenDepth = 0;

  constructor(source: Source, dialect: Dialect) {
    super(new Scanner(source, dialect));
    this.#dialect = dialect;
  }

  parse(): ParseResult {
    const { scanner } = this;
    const body: Statement[] = [];
    if (scanner.length > maxSourceLength) {
      scanner.abort('SYNTAX_TOO_LONG', `source of more than ${maxSourceLength} characters`, 0, 0);
    }
    scanner.next();
    while (scanner.kind !== token.END_OF_FILE) {
      if (scanner.kind === token.NEWLINE || scanner.kind === token.OUTDENT) scanner.next();
      else this.#statement(body);
    }
    const { comments, diagnostics, length } = scanner;
    const file: File = { kind: 'File', start: 0, end: length, body, comments };
    return { file, diagnostics: diagnostics.toSorted((a, b) => a.start - b.start) };
  }

  /** Reads one statement, or one line of simple statements, into `body`. */
  #statement(body: Statement[]): void {
    const { scanner, nesting } = this;
    const { start } = scanner;
    const reported = scanner.diagnostics.length;
    const functionDepth = this.#functionDepth;
    const loopDepth = this.#loopDepth;
    const conditionalDepth = this.#conditionalDepth;
    try {
      this.#dispatch(body);
    } catch (failure) {
      if (!(failure instanceof SyntaxFailure)) throw failure;
      this.nesting = nesting;
      this.#functionDepth = functionDepth;
      this.#loopDepth = loopDepth;
      this.#conditionalDepth = conditionalDepth;
      this.#recover(failure, start, scanner.diagnostics.length === reported);
    }
  }

  #dispatch(body: Statement[]): void {
    const { kind } = this.scanner;
    switch (kind) {
      case token.DEF:
        body.push(this.#def());
        return;
      case token.IF:
        body.push(this.#if());
        return;
      case token.FOR:
        body.push(this.#for());
        return;
      case token.WHILE:
        body.push(this.#while());
        return;
      case token.INDENT:
        this.#unexpectedIndent(body);
        return;
      case token.ELIF:
      case token.ELSE:
        throw this.wanted('primary expression', statementHints.get(kind));
      default:
        if (kind >= token.FIRST_RESERVED) this.#reserved(body);
        else this.#simpleLine(body);
    }
  }

  #simpleLine(body: Statement[]): void {
    const { scanner } = this;
    for (;;) {
      const statement = this.#small();
      body.push(statement);
      if (scanner.kind === token.SEMICOLON) {
        scanner.next();
        if (scanner.kind !== token.NEWLINE && scanner.kind !== token.END_OF_FILE) continue;
      }
      if (scanner.kind === token.NEWLINE) scanner.next();
      else if (scanner.kind !== token.END_OF_FILE) {
        const hint =
          statement.kind === 'ExpressionStatement' ? nameStatementHint(scanner, statement.expression) : undefined;
        throw this.wanted('newline', hint);
      }
      return;
    }
  }

  #small(): Statement {
    const { scanner } = this;
    const { kind, start, end } = scanner;
    switch (kind) {
      case token.RETURN: {
        scanner.next();
        if (this.#functionDepth === 0) {
          this.#misplaced(
            start,
            end,
            'return statement not within a function',
            'put the code into def main(): … and call main()',
          );
        }
        const isBare =
          scanner.kind === token.NEWLINE || scanner.kind === token.SEMICOLON || scanner.kind === token.END_OF_FILE;
        const value = isBare ? null : this.parseExpressions();
        return { kind: 'Return', start, end: value?.end ?? end, value };
      }
      case token.BREAK:
        scanner.next();
        if (this.#loopDepth === 0) this.#misplaced(start, end, 'break not in a loop');
        return { kind: 'Break', start, end };
      case token.CONTINUE:
        scanner.next();
        if (this.#loopDepth === 0) this.#misplaced(start, end, 'continue not in a loop');
        return { kind: 'Continue', start, end };
      case token.PASS:
        scanner.next();
        return { kind: 'Pass', start, end };
      case token.LOAD: {
        const place = this.#functionDepth > 0 ? 'function' : this.#loopDepth > 0 ? 'loop' : 'conditional';
        if (place !== 'conditional' || this.#conditionalDepth > 0) {
          this.#misplaced(start, end, `load statement within a ${place}`, 'put load at the top of the file');
        }
        return parseLoad(this);
      }
      default:
        return this.#assignmentOrExpression();
    }
  }

  #assignmentOrExpression(): Statement {
    const { scanner } = this;
    const { start } = scanner;
    const target = this.parseExpressions();
    const { kind } = scanner;
    if (kind === token.EQUALS) {
      checkTarget(scanner, target);
      scanner.next();
      const value = this.parseExpressions();
      return { kind: 'Assign', start, end: value.end, target, type: null, value };
    }
    if (kind >= token.PLUS_EQUALS && kind <= token.RIGHT_SHIFT_EQUALS) {
      checkAugmentedTarget(scanner, target);
      const operatorStart = scanner.start;
      const operator = augmentedOperators[kind - token.PLUS_EQUALS] ?? '+=';
      scanner.next();
      const value = this.parseExpressions();
      return { kind: 'AugmentedAssign', start, end: value.end, operator, operatorStart, target, value };
    }
    if (kind === token.COLON && target.kind === 'Name' && scanner.text.charAt(scanner.start + 1) !== '=') {
      return this.#annotatedAssignment(target);
    }
    return { kind: 'ExpressionStatement', start, end: target.end, expression: target };
  }

  #annotatedAssignment(target: Expression): Statement {
    const { scanner } = this;
    const colon = scanner.start;
    const hint = nameStatementHint(scanner, target);
    scanner.next();
    if (scanner.kind === token.NEWLINE)
      throw new SyntaxFailure('SYNTAX_UNEXPECTED_TOKEN', "got ':', want newline", colon, colon + 1, hint);
    const type = this.parseTest();
    reportTypesOff(scanner, colon, type.end);
    if (scanner.kind !== token.EQUALS) {
      throw this.wanted("'='", 'a declared variable needs a value: x: int = 0');
    }
    scanner.next();
    const value = this.parseExpressions();
    return { kind: 'Assign', start: target.start, end: value.end, target, type, value };
  }

  #def(): Def {
    const { scanner } = this;
    const { start } = scanner;
    scanner.next();
    const name = this.parseName();
    this.expect(token.OPEN_PARENTHESIS, "'('");
    const { parameters } = parseParameters(this, token.CLOSE_PARENTHESIS, true);
    this.expect(token.CLOSE_PARENTHESIS, "')'");
    let returnType: Expression | null = null;
    if (scanner.kind === token.ARROW) {
      const arrow = scanner.start;
      scanner.next();
      returnType = this.parseTest();
      reportTypesOff(scanner, arrow, returnType.end);
    }
    const loopDepth = this.#loopDepth;
    this.#loopDepth = 0;
    this.#functionDepth++;
    const body = this.#suite();
    this.#functionDepth--;
    this.#loopDepth = loopDepth;
    return { kind: 'Def', start, end: endOf(body, scanner.previousEnd), name, parameters, returnType, body };
  }

  #if(): If {
    const { scanner } = this;
    this.#needsFunction('if statement', scanner.start, scanner.end);
    const branches: { readonly start: number; readonly test: Expression; readonly then: readonly Statement[] }[] = [];
    let otherwise: readonly Statement[] = [];
    this.#conditionalDepth++;
    do {
      const { start } = scanner;
      if (branches.length === maxBranches) {
        throw this.failure(
          'SYNTAX_TOO_LONG',
          `if statement of more than ${maxBranches} branches`,
          'look the value up in a dict',
        );
      }
      scanner.next();
      const test = this.parseTest();
      const then = this.#suite();
      branches.push({ start, test, then });
    } while (scanner.kind === token.ELIF);
    if (scanner.kind === token.ELSE) {
      scanner.next();
      otherwise = this.#suite();
    }
    this.#conditionalDepth--;
    let result: If | null = null;
    for (const { start, test, then } of branches.toReversed()) {
      const rest: readonly Statement[] = result === null ? otherwise : [result];
      result = { kind: 'If', start, end: endOf(rest, endOf(then, test.end)), test, then, otherwise: rest };
    }
    if (result === null) throw new Error('an if statement has at least one branch');
    return result;
  }

  #for(): For {
    const { scanner } = this;
    const { start } = scanner;
    this.#needsFunction('for loop', start, scanner.end);
    scanner.next();
    const target = this.parseTargets();
    checkTarget(scanner, target);
    this.expect(token.IN, 'in');
    const iterable = this.parseExpressions();
    const body = this.#loopBody();
    return { kind: 'For', start, end: endOf(body, iterable.end), target, iterable, body };
  }

  #while(): While {
    const { scanner } = this;
    const { start, end } = scanner;
    if (!this.#dialect.while) {
      scanner.report(
        'DIALECT_WHILE',
        'this Starlark dialect does not support while loops',
        start,
        end,
        'write for i in range(limit): and leave it with break',
      );
    } else this.#needsFunction('while loop', start, end);
    scanner.next();
    const test = this.parseTest();
    const body = this.#loopBody();
    return { kind: 'While', start, end: endOf(body, test.end), test, body };
  }

  #loopBody(): Statement[] {
    this.#loopDepth++;
    const body = this.#suite();
    this.#loopDepth--;
    if (this.scanner.kind === token.ELSE) {
      const failure = this.wanted(
        'primary expression',
        'Starlark loops have no else: set a flag before break and test it',
      );
      this.#report(failure, true);
      this.#skipClause();
    }
    return body;
  }

  /** A colon and what it governs: an indented block, or simple statements on the same line. */
  #suite(): Statement[] {
    const { scanner } = this;
    const body: Statement[] = [];
    const hasColon = scanner.kind === token.COLON;
    if (hasColon) scanner.next();
    else {
      const failure = this.wanted("':'");
      if (scanner.kind !== token.NEWLINE) throw failure;
      this.#report(failure, true);
    }
    if (scanner.kind !== token.NEWLINE) {
      this.#simpleLine(body);
      return body;
    }
    scanner.next();
    if (scanner.kind !== token.INDENT) {
      this.#report(this.wanted('indent', 'an indented block must follow; pass makes an empty one'), hasColon);
      return body;
    }
    scanner.next();
    this.#block(body);
    return body;
  }

  /** The statements of a block after its `INDENT`, to the end of its `OUTDENT`. */
  #block(body: Statement[]): void {
    const { scanner } = this;
    while (scanner.kind !== token.OUTDENT && scanner.kind !== token.END_OF_FILE) this.#statement(body);
    if (scanner.kind === token.OUTDENT) scanner.next();
  }

  #unexpectedIndent(body: Statement[]): void {
    this.#report(this.wanted('primary expression'), true);
    this.scanner.next();
    this.#block(body);
  }

  /** A statement that begins with a reserved word of Python. Its block, if any, is read as part of this one. */
  #reserved(body: Statement[]): void {
    const { scanner } = this;
    const { kind } = scanner;
    const hint =
      reservedStatementHint(scanner) ?? `${token.tokenName[kind] ?? ''} is a reserved word: choose another name`;
    const failure = this.wanted('primary expression', hint);
    if (kind === token.ASYNC) {
      this.#report(failure, true);
      scanner.next();
      this.#statement(body);
      return;
    }
    if (kind !== token.TRY && kind !== token.WITH) throw failure;
    this.#report(failure, true);
    skipLine(scanner, scanner.start);
    if (scanner.kind === token.INDENT) {
      scanner.next();
      this.#block(body);
    }
    this.#skipClauses();
  }

  #needsFunction(what: string, start: number, end: number): void {
    if (this.#functionDepth > 0 || this.#dialect.topLevelControl) return;
    this.#misplaced(
      start,
      end,
      `${what} not within a function`,
      'put it into def main(): … and call main()',
      'DIALECT_TOP_LEVEL',
    );
  }

  #misplaced(start: number, end: number, message: string, hint?: string, code = 'SYNTAX_PLACE'): void {
    if (this.#brokenDepth === 0) this.scanner.report(code, message, start, end, hint);
  }

  #report(failure: SyntaxFailure, isFirst: boolean): void {
    if (!isFirst) return;
    this.scanner.report(failure.code, failure.message, failure.start, failure.end, failure.hint, failure.notes);
  }

  /** Reports a failure, unless its statement has a finding already, and goes on at the next statement. */
  #recover(failure: SyntaxFailure, start: number, isFirst: boolean): void {
    const { scanner } = this;
    const open = scanner.brackets[scanner.brackets.length - 1];
    const isUnclosed = skipLine(scanner, start);
    const notes: readonly Note[] =
      isUnclosed && open !== undefined
        ? [
            {
              message: `this ${scanner.text.charAt(open)} is never closed`,
              location: locate(scanner.source, open, open + 1),
            },
          ]
        : [];
    const { code, message, hint } = failure;
    const isCase = this.#brokenDepth > 0 && scanner.text.startsWith('case ', start);
    this.#report(new SyntaxFailure(code, message, failure.start, failure.end, hint, notes), isFirst && !isCase);
    this.#skipBlock();
    this.#skipClauses();
  }

  /** Reads a block that belongs to a broken header: its own faults are reported, its statements are dropped. */
  #skipBlock(): void {
    const { scanner } = this;
    if (scanner.kind !== token.INDENT) return;
    scanner.next();
    this.#brokenDepth++;
    this.#block([]);
    this.#brokenDepth--;
  }

  #skipClause(): void {
    skipLine(this.scanner, this.scanner.start);
    this.#skipBlock();
  }

  /** The branches that go with a broken or foreign statement. */
  #skipClauses(): void {
    const { scanner } = this;
    while (
      scanner.kind === token.ELIF ||
      scanner.kind === token.ELSE ||
      scanner.kind === token.EXCEPT ||
      scanner.kind === token.FINALLY
    ) {
      this.#skipClause();
    }
  }
}

const augmentedOperators: readonly AugmentedOperator[] = [
  '+=',
  '-=',
  '*=',
  '/=',
  '//=',
  '%=',
  '&=',
  '|=',
  '^=',
  '<<=',
  '>>=',
];

function endOf(body: readonly Statement[], otherwise: number): number {
  return body[body.length - 1]?.end ?? otherwise;
}
