import { getAttribute } from '../../builtins/attribute.ts';
import { HostFunction } from '../../builtins/host-function.ts';
import { counters, DEPTH } from '../../meter.ts';
import type { BoundArgument } from '../../value/routine.ts';
import type { NamedArgument, Value } from '../../value/value.ts';
import { bindCall } from '../bind-call.ts';
import { StarlarkFunction, tooDeep } from '../function.ts';
import { cannotWait, canWait, hostFailure, type Running, Suspension } from '../suspension.ts';
import { callValue, methodOf, withArgs, withKwargs } from './calling.ts';

/** Calls of generators, whose callee may turn out to wait: then the result is a `Suspension` for the generator. */

export function startCall(
  callee: Value,
  positional: readonly Value[],
  named: readonly NamedArgument[],
): Value | Suspension {
  if (callee instanceof StarlarkFunction && callee.code.suspends)
    return new Suspension(counted(callee.js(...bindCall(callee, positional, named)) as unknown as Running), null);
  if (!(callee instanceof HostFunction) || !callee.suspends) return callValue(callee, positional, named);
  if (!canWait()) throw cannotWait(callee.name);
  const result = startHost(callee, callee.bind(positional, named));
  return isPromise(result) ? new Suspension(null, result) : ((result as Value | undefined) ?? null);
}

function startHost(callee: HostFunction, bound: readonly BoundArgument[]): unknown {
  try {
    return callee.run(bound);
  } catch (error) {
    throw hostFailure(error);
  }
}

export function isPromise(value: unknown): value is PromiseLike<Value> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Recursion through calls that are not direct is counted here. */
function* counted(running: Running): Running {
  if (--counters[DEPTH]! < 0) throw tooDeep();
  const result = yield* running;
  counters[DEPTH]!++;
  return result;
}

export const start0 = (callee: Value): Value | Suspension => startCall(callee, [], []);
export const start1 = (callee: Value, a: Value): Value | Suspension => startCall(callee, [a], []);
export const start2 = (callee: Value, a: Value, b: Value): Value | Suspension => startCall(callee, [a, b], []);
export const start3 = (callee: Value, a: Value, b: Value, c: Value): Value | Suspension =>
  startCall(callee, [a, b, c], []);
export const startMany = (callee: Value, positional: readonly Value[]): Value | Suspension =>
  startCall(callee, positional, []);

export const startNamed = startCall;

export function startSpread(
  callee: Value,
  positional: readonly Value[],
  named: readonly NamedArgument[],
  args: Value | undefined,
  kwargs: Value | undefined,
): Value | Suspension {
  return startCall(callee, withArgs(positional, args), withKwargs(named, kwargs));
}

export function startMethod0(object: Value, name: string): Value | Suspension {
  return startMethodMany(object, name, [], [], undefined, undefined);
}

export function startMethod1(object: Value, name: string, a: Value): Value | Suspension {
  const routine = methodOf(object, name);
  if (routine === undefined || routine.minimum > 1 || routine.maximum < 1)
    return startMethodMany(object, name, [a], [], undefined, undefined);
  return routine.run(object, a) ?? null;
}

export function startMethod2(object: Value, name: string, a: Value, b: Value): Value | Suspension {
  return startMethodMany(object, name, [a, b], [], undefined, undefined);
}

export function startMethodMany(
  object: Value,
  name: string,
  positional: readonly Value[],
  named: readonly NamedArgument[],
  args: Value | undefined,
  kwargs: Value | undefined,
): Value | Suspension {
  const all = withArgs(positional, args);
  const allNamed = withKwargs(named, kwargs);
  const routine = methodOf(object, name);
  if (routine !== undefined) return routine.callOn(object, all, allNamed);
  return startCall(getAttribute(object, name), all, allNamed);
}
