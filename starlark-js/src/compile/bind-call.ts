import { StarlarkError } from '../errors.ts';
import { StarlarkDict } from '../value/dict.ts';
import { didYouMean } from '../value/spelling.ts';
import { emptyTuple, StarlarkTuple } from '../value/tuple.ts';
import type { NamedArgument, Value } from '../value/value.ts';
import type { FunctionCode } from './function-code.ts';

/** What binding needs of a function. */
export interface Bindable {
  readonly code: FunctionCode;
  readonly defaults: readonly Value[];
}

/** One value per parameter, from the arguments of a call, with starlark-go's messages. */
export function bindCall(callee: Bindable, positional: readonly Value[], named: readonly NamedArgument[]): Value[] {
  const { code, defaults } = callee;
  if (code.isPlain && named.length === 0 && positional.length === code.places) return positional as Value[];
  const bound: (Value | undefined)[] = new Array(code.parameters.length).fill(undefined);
  bindPositional(code, positional, bound);
  const rest = code.kwargs < 0 ? null : new StarlarkDict();
  for (const [name, value] of named) bindNamed(code, name, value, bound, rest);
  if (rest !== null) bound[code.kwargs] = rest;
  const missing: string[] = [];
  for (let index = 0; index < bound.length; index++) {
    if (bound[index] !== undefined) continue;
    const place = code.defaults[index]!;
    if (place < 0) missing.push(code.parameters[index]!.name);
    else bound[index] = defaults[place]!;
  }
  if (missing.length > 0)
    throw new StarlarkError(
      'ARGUMENTS',
      `function ${code.name} missing ${missing.length} ${missing.length === 1 ? 'argument' : 'arguments'} (${missing.join(', ')})`,
      [usage(code)],
    );
  return bound as Value[];
}

function bindPositional(code: FunctionCode, positional: readonly Value[], bound: (Value | undefined)[]): void {
  const count = Math.min(code.places, positional.length);
  for (let index = 0; index < count; index++) bound[index] = positional[index];
  if (code.args >= 0) {
    bound[code.args] = positional.length > count ? new StarlarkTuple(positional.slice(count)) : emptyTuple;
    return;
  }
  if (positional.length <= code.places) return;
  const optional = code.parameters.some(({ kind, default: given }) => kind === 'normal' && given !== null);
  const message =
    code.parameters.length === 0
      ? `function ${code.name} accepts no arguments (${positional.length} given)`
      : `function ${code.name} accepts ${optional ? 'at most ' : ''}${code.places} positional ${code.places === 1 ? 'argument' : 'arguments'} (${positional.length} given)`;
  throw new StarlarkError('ARGUMENTS', message, [usage(code)]);
}

function bindNamed(
  code: FunctionCode,
  name: string,
  value: Value,
  bound: (Value | undefined)[],
  rest: StarlarkDict | null,
): void {
  const index = code.parameters.findIndex(
    (parameter) => parameter.name === name && (parameter.kind === 'normal' || parameter.kind === 'keyword'),
  );
  if (index >= 0) {
    if (bound[index] !== undefined)
      throw new StarlarkError('ARGUMENTS', `function ${code.name} got multiple values for parameter "${name}"`, [
        usage(code),
      ]);
    bound[index] = value;
    return;
  }
  if (rest === null) {
    const names = code.parameters
      .filter(({ kind }) => kind === 'normal' || kind === 'keyword')
      .map((each) => each.name);
    throw new StarlarkError(
      'ARGUMENTS',
      `function ${code.name} got an unexpected keyword argument "${name}"${didYouMean(name, names)}`,
      [usage(code)],
    );
  }
  if (rest.has(name))
    throw new StarlarkError('ARGUMENTS', `function ${code.name} got multiple values for parameter "${name}"`);
  rest.set(name, value);
}

/** `usage: f(a, b=1, *args)`. */
function usage(code: FunctionCode): string {
  const stars: Readonly<Record<string, string>> = { args: '*', kwargs: '**' };
  const parts: string[] = [];
  let marked = false;
  for (const { name, kind, default: given } of code.parameters) {
    if (kind === 'args') marked = true;
    if (kind === 'keyword' && !marked) {
      parts.push('*');
      marked = true;
    }
    parts.push((stars[kind] ?? '') + name + (given === null ? '' : `=${given}`));
  }
  return `usage: ${code.name}(${parts.join(', ')})`;
}
