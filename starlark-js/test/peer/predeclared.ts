import type { Value } from '../../src/index.ts';
import { standardModules } from '../../src/modules/index.ts';

/** What the starlark-go command predeclares, and struct and re. */
export const predeclared: ReadonlyMap<string, Value> = standardModules();
