/**
 * The only place where text of a program becomes text of generated code. Everything else that is generated is a
 * constant of this package. The name of a function is reduced to [A-Za-z0-9_] and follows a prefix and a number of
 * ours, a variable is such a number alone; a string is a JSON literal in which no character can end a line, a script
 * element or a comment; a number is a decimal literal.
 */
import type { Binding, FunctionScope } from '../resolve/binding.ts';

const longestName = 40;

function safe(name: string): string {
  return name.slice(0, longestName).replace(/[^A-Za-z0-9_]/g, '_');
}

/** The JavaScript variable of a Starlark variable. Its own name would only make the code longer. */
export function variableName(binding: Binding): string {
  return `v${binding.id}`;
}

/** The JavaScript function of a Starlark function. */
export function functionName(scope: FunctionScope): string {
  return `f${scope.id}_${safe(scope.name)}`;
}

/** The variable that holds the default of parameter `index` of a function. */
export function defaultName(scope: FunctionScope, index: number): string {
  return `d${scope.id}_${index}`;
}

const dangerous = /[\u2028\u2029<>&\u007f-\u009f]/g;

const plain = /^[A-Za-z0-9_ .,:;=+*/()[\]{}%!?#@$|~^-]*$/;

/** A string literal. */
export function stringLiteral(text: string): string {
  if (text.length < 60 && plain.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(
    dangerous,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A literal of a finite number; negative ones are in parentheses. */
export function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`no literal for ${value}`);
  if (Object.is(value, -0)) return '(-0)';
  return value < 0 ? `(${value})` : String(value);
}

export function bigintLiteral(value: bigint): string {
  return value < 0n ? `(${value}n)` : `${value}n`;
}
