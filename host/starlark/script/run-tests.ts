import { setImmediate } from 'node:timers/promises';
import { FakeHost } from '@clay/starlark-stdlib';
import { StarlarkFunction } from 'starlark-js';
import { Execution } from './execution.ts';
import { guardedEffects } from './guarded-effects.ts';
import { loadLimits } from './limits.ts';
import type { LoadedScript } from './load-script.ts';
import { renderOwnError } from './own-backtrace.ts';
import type { ScriptTest } from './report.ts';
import { asStarlarkError } from './script-diagnostic.ts';
import { rightsOf } from './script-rights.ts';

/** Runs the functions `test_*` of a file, each in a world of its own. Throws only when `signal` aborts. */
export async function runTests(
  { script, module, declarations }: LoadedScript,
  signal: AbortSignal | undefined,
): Promise<ScriptTest[]> {
  const tests: ScriptTest[] = [];
  if (module === null) return tests;
  for (const [name, value] of module.globals) {
    if (!name.startsWith('test_') || !(value instanceof StarlarkFunction) || value.code.parameters.length > 0) continue;
    // A test need not wait for anything; between two the lane answers its host.
    await setImmediate();
    signal?.throwIfAborted();
    const fake = new FakeHost();
    const execution = new Execution({
      name: `${script.name} ${name}`,
      limits: loadLimits,
      effects: guardedEffects(fake, rightsOf(script, declarations)),
      fake,
      signal,
    });
    const start = performance.now();
    let message = '';
    try {
      await execution.run((thread) => module.callAsync(name, [], {}, thread));
    } catch (error) {
      signal?.throwIfAborted();
      message = renderOwnError(asStarlarkError(error));
    }
    const ms = Math.round((performance.now() - start) * 10) / 10;
    tests.push({ name, isPassed: message === '', ms, message, output: execution.output });
  }
  return tests;
}
