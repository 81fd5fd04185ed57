import type { StarlarkObject } from './object.ts';

/**
 * Any Starlark value.
 *
 * - `None`, `True`, `False` are `null`, `true`, `false`.
 * - An int is a `number` while it is a safe integer (never -0), a `bigint` beyond; always normalised.
 * - A float is a `number` if and only if it is finite and not integral; `StarlarkFloat` holds all others.
 * - A string is a JavaScript string (UTF-16 code units).
 * - Everything else is a `StarlarkObject`.
 *
 * So an integral raw number is an int, and raw numbers are always finite: `<` and `===` on two of them are exact.
 */
export type Value = null | boolean | number | bigint | string | StarlarkObject;

/** A keyword argument of a call. */
export type NamedArgument = readonly [name: string, value: Value];
