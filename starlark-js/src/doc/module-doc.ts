import type { Comment, Def, Expression, File, Parameter, Statement } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import { dedent, parseDocstring } from './docstring.ts';

/** How a parameter takes its argument. */
export type ParameterKind = 'positional' | 'keyword' | 'args' | 'kwargs';

export interface ParameterDoc {
  readonly name: string;
  readonly kind: ParameterKind;
  /** The annotation as written. */
  readonly type: string | null;
  /** The default as written; a parameter without one must be given. */
  readonly default: string | null;
  readonly description: string | null;
}

export interface FunctionDoc {
  readonly name: string;
  /** `name(a: int, b = 1) -> str`, on one line. */
  readonly signature: string;
  readonly summary: string;
  readonly details: string;
  readonly parameters: readonly ParameterDoc[];
  readonly returns: { readonly type: string | null; readonly description: string | null } | null;
  readonly fails: string | null;
  readonly examples: string | null;
  readonly line: number;
}

export interface ModuleDoc {
  readonly file: string;
  /** The text of the `# DESCRIPTION:` comment. */
  readonly description: string | null;
  readonly docstring: string | null;
  /** The functions at top level, in order, without those whose names begin with `_`. */
  readonly functions: readonly FunctionDoc[];
}

/**
 * What a program tells about itself: its description, its docstring and its public functions.
 *
 * @example
 * const source = new Source('greet.star', 'def greet(name):\n    """Greets."""\n');
 * documentModule(source, parse(source, defaultDialect).file).functions[0]!.parameters[0]!.name; // 'name'
 */
export function documentModule(source: Source, file: File): ModuleDoc {
  return {
    file: source.name,
    description: descriptionOf(file.comments, source),
    docstring: docstringOf(file.body),
    functions: file.body
      .filter((statement): statement is Def => statement.kind === 'Def' && !statement.name.name.startsWith('_'))
      .map((node) => documentFunction(source, node)),
  };
}

/** What a function tells about itself. */
export function documentFunction(source: Source, node: Def): FunctionDoc {
  const text = (expression: Expression): string => source.text.slice(expression.start, expression.end);
  const doc = parseDocstring(docstringOf(node.body) ?? '');
  const parameters = documentParameters(node.parameters, doc.parameters, text);
  const type = node.returnType === null ? null : text(node.returnType);
  return {
    name: node.name.name,
    signature: `${node.name.name}(${signatureOf(parameters)})${type === null ? '' : ` -> ${type}`}`,
    summary: doc.summary,
    details: doc.details,
    parameters,
    returns: type === null && doc.returns === null ? null : { type, description: doc.returns },
    fails: doc.fails,
    examples: doc.examples,
    line: source.position(node.start).line,
  };
}

/** The string that stands first in a body, without its indentation. */
function docstringOf(body: readonly Statement[]): string | null {
  const [first] = body;
  if (first?.kind !== 'ExpressionStatement' || first.expression.kind !== 'String') return null;
  return dedent(first.expression.value);
}

function documentParameters(
  parameters: readonly Parameter[],
  descriptions: ReadonlyMap<string, string>,
  text: (expression: Expression) => string,
): ParameterDoc[] {
  const result: ParameterDoc[] = [];
  let isKeywordOnly = false;
  for (const parameter of parameters) {
    if (parameter.kind === 'KeywordOnlyMarker') {
      isKeywordOnly = true;
      continue;
    }
    const { name } = parameter.name;
    const kind = kindOf(parameter.kind, isKeywordOnly);
    if (kind === 'args') isKeywordOnly = true;
    result.push({
      name,
      kind,
      type: parameter.type === null ? null : text(parameter.type),
      default: parameter.kind === 'Parameter' && parameter.default !== null ? text(parameter.default) : null,
      description: descriptions.get(name) ?? null,
    });
  }
  return result;
}

function kindOf(kind: 'Parameter' | 'ArgsParameter' | 'KwargsParameter', isKeywordOnly: boolean): ParameterKind {
  if (kind === 'ArgsParameter') return 'args';
  if (kind === 'KwargsParameter') return 'kwargs';
  return isKeywordOnly ? 'keyword' : 'positional';
}

function signatureOf(parameters: readonly ParameterDoc[]): string {
  const parts: string[] = [];
  let hasStar = false;
  for (const { name, kind, type, default: value } of parameters) {
    if (kind === 'keyword' && !hasStar) parts.push('*');
    if (kind === 'args' || kind === 'keyword') hasStar = true;
    const stars = kind === 'args' ? '*' : kind === 'kwargs' ? '**' : '';
    const annotation = type === null ? '' : `: ${type}`;
    parts.push(`${stars}${name}${annotation}${value === null ? '' : ` = ${value.replaceAll(/\s*[\r\n]\s*/g, ' ')}`}`);
  }
  return parts.join(', ');
}

const description = /^#+\s*DESCRIPTION:\s*(.*)$/;
const otherKey = /^#+\s*[A-Z][A-Z_]*:/;

/** The `# DESCRIPTION:` comment and the comments on the lines directly below it. */
function descriptionOf(comments: readonly Comment[], source: Source): string | null {
  const index = comments.findIndex((comment) => comment.ownLine && description.test(comment.text));
  const first = comments[index];
  if (first === undefined) return null;
  const parts = [description.exec(first.text)?.[1] ?? ''];
  let { line } = source.position(first.start);
  for (const comment of comments.slice(index + 1)) {
    if (!comment.ownLine || source.position(comment.start).line !== line + 1 || otherKey.test(comment.text)) break;
    parts.push(comment.text.replace(/^#+\s*/, ''));
    line++;
  }
  return parts.join(' ').trim();
}
