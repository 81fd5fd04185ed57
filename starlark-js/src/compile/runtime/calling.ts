import { getAttribute, methodsOf } from '../../builtins/attribute.ts';
import { HostFunction } from '../../builtins/host-function.ts';
import { StarlarkError } from '../../errors.ts';
import { counters, DEPTH } from '../../meter.ts';
import { Builtin } from '../../value/builtin.ts';
import { StarlarkCallable } from '../../value/callable.ts';
import { StarlarkDict } from '../../value/dict.ts';
import { elementsOf } from '../../value/iterate.ts';
import { shortRepr } from '../../value/repr.ts';
import type { Routine } from '../../value/routine.ts';
import { typeName } from '../../value/type-name.ts';
import type { NamedArgument, Value } from '../../value/value.ts';
import { StarlarkFunction, tooDeep } from '../function.ts';
import { cannotWait, hostFailure } from '../suspension.ts';

/** Calls of generated code whose callee is only known when it runs, in a place that cannot wait. */

export function callValue(callee: Value, positional: readonly Value[], named: readonly NamedArgument[]): Value {
  if (callee instanceof HostFunction) return callHost(callee, positional, named);
  if (!(callee instanceof StarlarkCallable)) throw notCallable(callee);
  return callee.call(positional, named);
}

/** Whatever a function of the host throws is an error of this place of the program. */
function callHost(callee: HostFunction, positional: readonly Value[], named: readonly NamedArgument[]): Value {
  if (callee.suspends) throw cannotWait(callee.name);
  try {
    return callee.call(positional, named);
  } catch (error) {
    throw error instanceof StarlarkError ? error : hostFailure(error);
  }
}

export function notCallable(callee: Value): StarlarkError {
  return new StarlarkError('TYPE', `invalid call of non-function (${typeName(callee)})`, [
    `value: ${shortRepr(callee)}`,
  ]);
}

export function call0(callee: Value): Value {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 0) return callValue(callee, [], []);
  if (--counters[DEPTH]! < 0) throw tooDeep();
  const result = callee.js();
  counters[DEPTH]!++;
  return result;
}

export function call1(callee: Value, a: Value): Value {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 1) {
    return callee instanceof Builtin ? callee.call1(a) : callValue(callee, [a], []);
  }
  if (--counters[DEPTH]! < 0) throw tooDeep();
  const result = callee.js(a);
  counters[DEPTH]!++;
  return result;
}

export function call2(callee: Value, a: Value, b: Value): Value {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 2) return callValue(callee, [a, b], []);
  if (--counters[DEPTH]! < 0) throw tooDeep();
  const result = callee.js(a, b);
  counters[DEPTH]!++;
  return result;
}

export function call3(callee: Value, a: Value, b: Value, c: Value): Value {
  if (!(callee instanceof StarlarkFunction) || callee.arity !== 3) return callValue(callee, [a, b, c], []);
  if (--counters[DEPTH]! < 0) throw tooDeep();
  const result = callee.js(a, b, c);
  counters[DEPTH]!++;
  return result;
}

export function callMany(callee: Value, positional: readonly Value[]): Value {
  return callValue(callee, positional, []);
}

export function callNamed(callee: Value, positional: readonly Value[], named: readonly NamedArgument[]): Value {
  return callValue(callee, positional, named);
}

export function callSpread(
  callee: Value,
  positional: readonly Value[],
  named: readonly NamedArgument[],
  args: Value | undefined,
  kwargs: Value | undefined,
): Value {
  return callValue(callee, withArgs(positional, args), withKwargs(named, kwargs));
}

export function withArgs(positional: readonly Value[], args: Value | undefined): readonly Value[] {
  if (args === undefined) return positional;
  const elements = elementsOf(args);
  if (elements === undefined)
    throw new StarlarkError('TYPE', `argument after * must be iterable, not ${typeName(args)}`, [
      `value: ${shortRepr(args)}`,
    ]);
  return [...positional, ...elements];
}

export function withKwargs(named: readonly NamedArgument[], kwargs: Value | undefined): readonly NamedArgument[] {
  if (kwargs === undefined) return named;
  if (!(kwargs instanceof StarlarkDict))
    throw new StarlarkError('TYPE', `argument after ** must be a mapping, not ${typeName(kwargs)}`, [
      `value: ${shortRepr(kwargs)}`,
    ]);
  const all = [...named];
  for (const [key, value] of kwargs.map) {
    if (typeof key !== 'string')
      throw new StarlarkError('TYPE', `keywords must be strings, not ${typeName(kwargs.shownKey(key))}`);
    all.push([key, value]);
  }
  return all;
}

/** The method that `object.name` certainly means; undefined when it is an attribute of a host value or a struct. */
export function methodOf(object: Value, name: string): Routine | undefined {
  return methodsOf(object)?.get(name);
}

export function method0(object: Value, name: string): Value {
  const routine = methodOf(object, name);
  if (routine === undefined) return call0(getAttribute(object, name));
  if (routine.minimum > 0 || routine.maximum < 0) return routine.callOn(object, [], []);
  return routine.run(object) ?? null;
}

export function method1(object: Value, name: string, a: Value): Value {
  const routine = methodOf(object, name);
  if (routine === undefined) return call1(getAttribute(object, name), a);
  if (routine.minimum > 1 || routine.maximum < 1) return routine.callOn(object, [a], []);
  return routine.run(object, a) ?? null;
}

export function method2(object: Value, name: string, a: Value, b: Value): Value {
  const routine = methodOf(object, name);
  if (routine === undefined) return call2(getAttribute(object, name), a, b);
  if (routine.minimum > 2 || routine.maximum < 2) return routine.callOn(object, [a, b], []);
  return routine.run(object, a, b) ?? null;
}

export function methodMany(
  object: Value,
  name: string,
  positional: readonly Value[],
  named: readonly NamedArgument[],
  args: Value | undefined,
  kwargs: Value | undefined,
): Value {
  const all = withArgs(positional, args);
  const allNamed = withKwargs(named, kwargs);
  const routine = methodOf(object, name);
  if (routine !== undefined) return routine.callOn(object, all, allNamed);
  return callValue(getAttribute(object, name), all, allNamed);
}
