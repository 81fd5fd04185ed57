import type { FunctionScope } from '../resolve/binding.ts';
import type { Def, Lambda, Parameter } from '../syntax/ast.ts';
import { boxedText } from './boxing.ts';
import { type Code, code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { defaultName, functionName } from './names.ts';

/** `def name(…): …`: makes the function and binds it. */
export function defStatement(writer: FunctionWriter, node: Def): void {
  const { program } = writer;
  const scope = program.resolution.functions.get(node)!;
  const binding = program.resolution.names.get(node.name)!;
  const defaults = defaultTexts(writer, scope, node.parameters, true);
  const js = functionName(scope);
  // Whoever calls the function does so after this statement, so inside of it the function itself is assigned.
  const itself = new Set(binding.soleDef === node ? [binding] : []);
  if (isHoisted(scope)) {
    // Before any function can run, all that is assigned is assigned in every function: nothing has to be kept.
    const known = program.isUntouched && writer.blocks === 1 ? [] : writer.surroundings;
    program.later(scope, node, [itself, ...known]);
  } else {
    writer.declare(js);
    writer.emit(`${js}=${program.functionText(scope, node, [itself, ...writer.surroundings], '')};`);
  }
  writer.emit(`${writer.variable(binding)}=${wrapped(writer, scope, js, defaults)};`);
  writer.assigned.add(binding);
}

export function lambda(writer: FunctionWriter, node: Lambda): Code {
  const { program } = writer;
  const scope = program.resolution.functions.get(node)!;
  const defaults = defaultTexts(writer, scope, node.parameters, false);
  const text = program.functionText(scope, node, writer.surroundings, functionName(scope));
  return code(wrapped(writer, scope, text, defaults));
}

/** A function whose text does not need the variables of an activation: it belongs to the file. */
function isHoisted(scope: FunctionScope): boolean {
  return scope.free.size === 0 && scope.parent!.parent === null;
}

/** Defaults are evaluated with the `def`; direct calls read them from variables of their own. */
function defaultTexts(
  writer: FunctionWriter,
  scope: FunctionScope,
  parameters: readonly Parameter[],
  kept: boolean,
): string[] {
  const { program } = writer;
  const real = parameters.filter((parameter) => parameter.kind !== 'KeywordOnlyMarker');
  const withDefault = real.flatMap((parameter, index) =>
    parameter.kind === 'Parameter' && parameter.default !== null ? [{ index, value: parameter.default }] : [],
  );
  const values = program.grammar.values(
    writer,
    withDefault.map(({ value }) => value),
  );
  return values.map((value, place) => {
    const text = boxedText(writer, value);
    if (!kept) return text;
    const name = defaultName(scope, withDefault[place]!.index);
    if (isHoisted(scope)) program.declare(name);
    else writer.declare(name);
    return `${name}=${text}`;
  });
}

function wrapped(writer: FunctionWriter, scope: FunctionScope, js: string, defaults: readonly string[]): string {
  const { program } = writer;
  const parts = [program.functionCode(scope), js, `[${defaults.join(',')}]`];
  if (scope.free.size > 0) parts.push(`()=>[${[...scope.free].map((free) => writer.variable(free)).join(',')}]`);
  return `new ${writer.helper('Function')}(${parts.join(',')})`;
}

export function parametersOf(node: Def | Lambda): readonly Exclude<Parameter, { kind: 'KeywordOnlyMarker' }>[] {
  return node.parameters.filter((parameter) => parameter.kind !== 'KeywordOnlyMarker');
}
