import { defaultDialect, Module, type StarlarkCallable, type Value } from 'starlark-js';
import { currentRun } from '../run.ts';

/** Calls a function of a script that was given to a host function; it may wait itself. */
export function callBack(name: string, callee: StarlarkCallable, positional: readonly Value[] = []): Promise<Value> {
  const module = new Module(name, new Map([['callee', callee]]), defaultDialect, currentRun().thread);
  return module.callAsync('callee', positional);
}
