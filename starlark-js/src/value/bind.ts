import { StarlarkError } from '../errors.ts';
import type { BoundArgument } from './routine.ts';
import type { Parameter, Signature } from './signature.ts';
import { didYouMean } from './spelling.ts';
import type { NamedArgument, Value } from './value.ts';

/** Matches the arguments of a call to the parameters of a built-in, with starlark-go's messages. */
export function bindArguments(
  signature: Signature,
  positional: readonly Value[],
  named: readonly NamedArgument[],
): BoundArgument[] {
  const { name, parameters } = signature;
  const bound: BoundArgument[] = parameters.map(() => undefined);
  bindPositional(signature, positional, bound);
  const extra: NamedArgument[] = [];
  for (const argument of named) bindNamed(signature, argument, bound, extra);
  for (const [i, parameter] of parameters.entries()) {
    if (parameter.kind === 'kwargs') bound[i] = extra;
    else if (bound[i] === undefined && parameter.default === null)
      throw isPositionalOnly(parameters)
        ? wrongCount(signature, positional.length)
        : new StarlarkError('ARGUMENTS', `${name}: missing argument for ${parameter.name}`, [usage(signature)]);
  }
  return bound;
}

function bindPositional(signature: Signature, positional: readonly Value[], bound: BoundArgument[]): void {
  let next = 0;
  for (const [i, { kind }] of signature.parameters.entries()) {
    if (kind === 'args') {
      bound[i] = positional.slice(next);
      next = positional.length;
    } else if ((kind === 'positional' || kind === 'normal') && next < positional.length) bound[i] = positional[next++];
  }
  if (next < positional.length) throw wrongCount(signature, positional.length);
}

function bindNamed(
  signature: Signature,
  argument: NamedArgument,
  bound: BoundArgument[],
  extra: NamedArgument[],
): void {
  const { name, parameters } = signature;
  const [key, value] = argument;
  const at = parameters.findIndex((p) => p.name === key && (p.kind === 'normal' || p.kind === 'keyword'));
  if (at >= 0) {
    if (bound[at] !== undefined)
      throw new StarlarkError('ARGUMENTS', `${name}: got multiple values for keyword argument "${key}"`, [
        usage(signature),
      ]);
    bound[at] = value;
  } else if (parameters.some((p) => p.kind === 'kwargs')) {
    if (extra.some(([other]) => other === key))
      throw new StarlarkError('ARGUMENTS', `${name}: got multiple values for keyword argument "${key}"`);
    extra.push(argument);
  } else if (isPositionalOnly(parameters)) {
    throw new StarlarkError('ARGUMENTS', `${name}: unexpected keyword arguments`, [
      `${name} takes its arguments by position. ${usage(signature)}`,
    ]);
  } else {
    const names = parameters.filter((p) => p.kind !== 'positional').map((p) => p.name);
    throw new StarlarkError('ARGUMENTS', `${name}: unexpected keyword argument "${key}"${didYouMean(key, names)}`, [
      usage(signature),
    ]);
  }
}

function isPositionalOnly(parameters: readonly Parameter[]): boolean {
  return parameters.every((p) => p.kind === 'positional' || p.kind === 'args');
}

function wrongCount(signature: Signature, count: number): StarlarkError {
  const { name, parameters } = signature;
  const places = parameters.filter((p) => p.kind === 'positional' || p.kind === 'normal');
  const least = places.filter((p) => p.default === null).length;
  const most = parameters.some((p) => p.kind === 'args') ? Number.POSITIVE_INFINITY : places.length;
  const wanted = least === most ? `${least}` : count < least ? `at least ${least}` : `at most ${most}`;
  return new StarlarkError('ARGUMENTS', `${name}: got ${count} arguments, want ${wanted}`, [usage(signature)]);
}

/** `usage: sorted(iterable, key=None, reverse=False)`. */
function usage({ name, parameters }: Signature): string {
  const stars: Partial<Record<Parameter['kind'], string>> = { args: '*', kwargs: '**' };
  const parts = parameters.map((p) => (stars[p.kind] ?? '') + p.name + (p.default === null ? '' : `=${p.default}`));
  return `usage: ${name}(${parts.join(', ')})`;
}
