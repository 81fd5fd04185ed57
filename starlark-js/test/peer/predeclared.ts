import type { Value } from '../../src/index.ts';

/** What the starlark-go command predeclares: json, math, time. */
export const predeclared: ReadonlyMap<string, Value> = new Map();
