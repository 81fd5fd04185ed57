import { HostFunction, StarlarkError, type Value } from 'starlark-js';
import { EffectRefused, type Effects } from '../effects.ts';
import { currentRun } from '../run.ts';

/**
 * A host function whose call waits for the host. `body` gets the effects of the running script, then the arguments. `shown`
 * is the name in messages; by default the function's own.
 */
export function hostCall<Bound extends readonly unknown[]>(
  signature: string,
  doc: string,
  body: (effects: Effects, ...bound: Bound) => Promise<Value>,
  shown: string = signature.slice(0, signature.indexOf('(')),
): HostFunction {
  const run = async (...bound: never[]): Promise<Value> => {
    const { effects, onResume } = currentRun();
    try {
      return await body(effects, ...(bound as unknown as Bound));
    } catch (error) {
      throw asScriptError(shown, error);
    } finally {
      onResume();
    }
  };
  return new HostFunction(signature, run, { doc, suspends: true });
}

/** What a host function failed with, as an error of the script. Its cause keeps the code. */
export function asScriptError(name: string, error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const told = error instanceof EffectRefused ? `${name} ${message}` : `${name}: ${message}`;
  return new StarlarkError('HOST', told, [], { cause: error });
}
