import type { Expression, Parameter } from './ast.ts';
import type { ExpressionParser } from './expression-parser.ts';
import type { Scanner } from './scanner.ts';
import * as token from './token.ts';

export interface Parameters {
  readonly parameters: readonly Parameter[];
  /** The height of the highest default or annotation. */
  readonly height: number;
}

/** The parameters of a `def` or a `lambda` up to, and without, the token that closes them. */
export function parseParameters(parser: ExpressionParser, closer: number, canBeAnnotated: boolean): Parameters {
  const { scanner } = parser;
  const parameters: Parameter[] = [];
  let height = 0;
  const own = (expression: Expression): Expression => {
    height = Math.max(height, parser.height);
    return expression;
  };
  while (scanner.kind !== closer && !endsParameters(scanner.kind)) {
    const { start, kind } = scanner;
    if (kind === token.STAR || kind === token.STAR_STAR) {
      scanner.next();
      if (kind === token.STAR && (scanner.kind === token.COMMA || scanner.kind === closer)) {
        parameters.push({ kind: 'KeywordOnlyMarker', start, end: scanner.previousEnd });
      } else {
        const name = parser.parseName();
        const type = canBeAnnotated ? parseAnnotation(parser) : null;
        if (type !== null) own(type);
        parameters.push({
          kind: kind === token.STAR ? 'ArgsParameter' : 'KwargsParameter',
          start,
          end: scanner.previousEnd,
          name,
          type,
        });
      }
    } else {
      if (kind === token.SLASH) {
        throw parser.failure(
          'SYNTAX_PARAMETER',
          "got '/', want identifier",
          'Starlark has no positional-only parameters: remove the /',
        );
      }
      const name = parser.parseName();
      const type = canBeAnnotated ? parseAnnotation(parser) : null;
      if (type !== null) own(type);
      let value: Expression | null = null;
      if (scanner.kind === token.EQUALS) {
        scanner.next();
        value = own(parser.parseTest());
      }
      parameters.push({ kind: 'Parameter', start, end: scanner.previousEnd, name, type, default: value });
    }
    if (scanner.kind === token.COMMA) scanner.next();
    else if (scanner.kind !== closer) throw parser.wanted(endsParameters(scanner.kind) ? "')'" : "','");
  }
  checkParameters(scanner, parameters);
  return { parameters, height };
}

function endsParameters(kind: number): boolean {
  return kind === token.COLON || kind === token.END_OF_FILE;
}

/** `: type` after a name, when it is there. */
export function parseAnnotation(parser: ExpressionParser): Expression | null {
  const { scanner } = parser;
  if (scanner.kind !== token.COLON) return null;
  const { start } = scanner;
  scanner.next();
  const type = parser.parseTest();
  reportTypesOff(scanner, start, type.end);
  return type;
}

/** Reports an annotation when the dialect has none. */
export function reportTypesOff(scanner: Scanner, start: number, end: number): void {
  if (scanner.dialect.types !== 'off') return;
  scanner.report(
    'DIALECT_TYPES',
    'this Starlark dialect does not support type annotations',
    start,
    end,
    'remove the annotation',
  );
}

function checkParameters(scanner: Scanner, parameters: readonly Parameter[]): void {
  const names = new Set<string>();
  let hasOptional = false;
  let star: Parameter | null = null;
  let kwargs: string | null = null;
  const report = (parameter: Parameter, message: string, hint?: string): void =>
    scanner.report('SYNTAX_PARAMETER', message, parameter.start, parameter.end, hint);
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.kind !== 'KeywordOnlyMarker') {
      const { name } = parameter.name;
      if (names.has(name)) report(parameter, `duplicate parameter: ${name}`);
      names.add(name);
    }
    if (parameter.kind === 'Parameter') {
      if (kwargs !== null) {
        report(
          parameter,
          `${parameter.default === null ? 'required' : 'optional'} parameter may not follow **${kwargs}`,
        );
      } else if (parameter.default !== null) hasOptional = true;
      else if (hasOptional && star === null) {
        report(
          parameter,
          'required parameter may not follow optional',
          'give it a default, or put it before the optional ones',
        );
      }
    } else if (parameter.kind === 'KwargsParameter') {
      if (kwargs !== null) report(parameter, 'multiple ** parameters not allowed');
      kwargs = parameter.name.name;
    } else if (kwargs !== null) report(parameter, `* parameter may not follow **${kwargs}`);
    else if (star !== null) report(parameter, 'multiple * parameters not allowed');
    else {
      star = parameter;
      if (parameter.kind === 'KeywordOnlyMarker' && parameters[index + 1]?.kind !== 'Parameter') {
        report(parameter, 'bare * must be followed by keyword-only parameters');
      }
    }
  }
}
