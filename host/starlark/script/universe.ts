import { standardModules, type Value } from 'starlark-js';
import { declaringFunctions } from './declaring-functions.ts';
import { originalFunctions } from './original-functions.ts';

/** Everything that a script finds by name, beside the language itself. */
export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...[...originalFunctions, ...declaringFunctions].map((each) => [each.name, each] as const),
  ['struct', standardModules().get('struct')!],
]);
