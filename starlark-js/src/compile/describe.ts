import type { FunctionScope } from '../resolve/binding.ts';
import type { Def, Lambda, Statement } from '../syntax/ast.ts';
import type { Source } from '../syntax/source.ts';
import { parseType, type TypeExpression } from '../value/type-expression.ts';
import type { FunctionCode, FunctionParameter } from './function-code.ts';

/** Reads a function's parameters, docstring and annotations off its tree. */
export function describe(
  scope: FunctionScope,
  node: Def | Lambda,
  source: Source,
  suspends: boolean,
  checksTypes: boolean,
): FunctionCode {
  const parameters: FunctionParameter[] = [];
  let afterStar = false;
  for (const parameter of node.parameters) {
    if (parameter.kind === 'KeywordOnlyMarker') {
      afterStar = true;
      continue;
    }
    const kinds = {
      Parameter: afterStar ? 'keyword' : 'normal',
      ArgsParameter: 'args',
      KwargsParameter: 'kwargs',
    } as const;
    if (parameter.kind === 'ArgsParameter') afterStar = true;
    const given = parameter.kind === 'Parameter' ? parameter.default : null;
    parameters.push({
      name: parameter.name.name,
      kind: kinds[parameter.kind],
      annotation: parameter.type === null ? null : source.text.slice(parameter.type.start, parameter.type.end),
      default: given === null ? null : source.text.slice(given.start, given.end),
    });
  }
  const returnType = node.kind === 'Def' ? node.returnType : null;
  const returns = returnType === null ? null : source.text.slice(returnType.start, returnType.end);
  const annotations = [...parameters.map(({ annotation }) => annotation), returns];
  let next = 0;
  return {
    id: scope.id,
    name: scope.name,
    file: source.name,
    span: node.kind === 'Def' ? node.name : node,
    line: source.position(node.start).line,
    docstring: node.kind === 'Def' ? docstringOf(node.body) : null,
    parameters,
    returns,
    suspends,
    places: parameters.filter(({ kind }) => kind === 'normal').length,
    isPlain: parameters.every(({ kind }) => kind === 'normal'),
    args: parameters.findIndex(({ kind }) => kind === 'args'),
    kwargs: parameters.findIndex(({ kind }) => kind === 'kwargs'),
    defaults: parameters.map((parameter) => (parameter.default === null ? -1 : next++)),
    types: annotations.map((annotation) => (checksTypes && annotation !== null ? typeOf(annotation) : null)),
  };
}

/** An annotation that names no type is the checker's business; at run time it accepts everything. */
function typeOf(annotation: string): TypeExpression | null {
  try {
    const type = parseType(annotation);
    return type.kind === 'name' && (type.name === 'Any' || type.name === 'any') ? null : type;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The string that a body begins with. */
export function docstringOf(body: readonly Statement[]): string | null {
  const [first] = body;
  if (first?.kind !== 'ExpressionStatement' || first.expression.kind !== 'String') return null;
  return first.expression.value;
}
