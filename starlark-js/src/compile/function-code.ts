import type { Span } from '../syntax/ast.ts';
import type { TypeExpression } from '../value/type-expression.ts';

export interface FunctionParameter {
  readonly name: string;
  /** `keyword` stands after `*` or `*args`; `args` and `kwargs` take the rest. */
  readonly kind: 'normal' | 'keyword' | 'args' | 'kwargs';
  /** The annotation as written, or null. */
  readonly annotation: string | null;
  /** The default as written, or null when the parameter is required. */
  readonly default: string | null;
}

/** What is known of a function without running it. */
export interface FunctionInfo {
  readonly name: string;
  readonly docstring: string | null;
  readonly parameters: readonly FunctionParameter[];
  /** The annotation of the result as written, or null. */
  readonly returns: string | null;
  readonly line: number;
}

/** The unchanging part of a function: one per `def` or lambda of a program, shared by all its threads. */
export interface FunctionCode extends FunctionInfo {
  readonly id: number;
  readonly file: string;
  readonly span: Span;
  /** Written as a generator: it may wait for the host. */
  readonly suspends: boolean;
  /** How many parameters take positional arguments. */
  readonly places: number;
  /** Only parameters that take positional arguments: a call of `places` arguments needs no binding. */
  readonly isPlain: boolean;
  /** Index of `*args` and `**kwargs` among the parameters, or -1. */
  readonly args: number;
  readonly kwargs: number;
  /** For each parameter its place among the defaults, or -1 when it is required. */
  readonly defaults: readonly number[];
  /** Per parameter, then for the result: the type to check, or null. */
  readonly types: readonly (TypeExpression | null)[];
}
