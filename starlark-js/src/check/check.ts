import type { Diagnostic } from '../diagnostic.ts';
import type { Resolution } from '../resolve/binding.ts';
import type { Dialect } from '../syntax/dialect.ts';
import type { Source } from '../syntax/source.ts';
import type { Value } from '../value/value.ts';
import type { Shared } from './context.ts';
import { checkFunction, checkTopLevel } from './statements.ts';

/**
 * Finds what is wrong with a resolved file without running it: variables used before they are assigned, calls that do
 * not fit, code that is never reached, and operations that no value of the known types has. What is certainly wrong is
 * an error, what depends on the path taken is a warning.
 */
export function checkFile(
  resolution: Resolution,
  source: Source,
  dialect: Dialect,
  predeclared: ReadonlyMap<string, Value>,
): readonly Diagnostic[] {
  const shared: Shared = {
    resolution,
    source,
    predeclared,
    usesTypes: dialect.types === 'check',
    diagnostics: new Map(),
    declared: new Map(),
    pending: new Set(),
    finals: new Map(),
  };
  checkTopLevel(shared);
  // Bodies add the functions inside of them.
  for (const node of shared.pending) checkFunction(shared, node);
  return [...shared.diagnostics.values()].sort((a, b) => a.start - b.start);
}
