import { HostFunction, repr, type StarlarkCallable, StarlarkError, StarlarkModule, type Value } from '../index.ts';
import { equals } from '../value/compare.ts';
import { contains } from '../value/membership.ts';
import { truth, typeName } from '../value/type-name.ts';
import { firstDifference } from './difference.ts';

type Implementation = (...bound: never[]) => Value;

function failure(message: string, custom: Value, notes: readonly string[] = []): StarlarkError {
  return new StarlarkError('FAIL', custom === null ? message : `${String(custom)}: ${message}`, notes);
}

function eq(got: Value, want: Value, message: Value): null {
  if (equals(got, want)) return null;
  const kinds = typeName(got) === typeName(want) ? [] : [`types: got ${typeName(got)}, want ${typeName(want)}`];
  const difference = firstDifference(got, want);
  throw failure(`got ${repr(got)}, want ${repr(want)}`, message, difference === null ? kinds : [...kinds, difference]);
}

function ne(got: Value, other: Value, message: Value): null {
  if (!equals(got, other)) return null;
  throw failure(`both are ${repr(got)}`, message);
}

function isTrue(condition: Value, message: Value): null {
  if (truth(condition)) return null;
  throw failure(`got ${repr(condition)}, want a true value`, message);
}

function isFalse(condition: Value, message: Value): null {
  if (!truth(condition)) return null;
  throw failure(`got ${repr(condition)}, want a false value`, message);
}

function has(container: Value, element: Value, message: Value): null {
  if (contains(container, element)) return null;
  throw failure(`${repr(container)} does not contain ${repr(element)}`, message);
}

/** Calls a function that must fail, and gives the message. Running out of a limit is no failure that a test may expect. */
function fails(callee: StarlarkCallable, text: string): string {
  let result: Value;
  try {
    result = callee.call([], []);
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.code.startsWith('LIMIT_') || error.code === 'CANCELLED') throw error;
    if (error.message.includes(text)) return error.message;
    throw new StarlarkError(
      'FAIL',
      `${callee.name} failed with ${repr(error.message)}, want a message with ${repr(text)}`,
      [],
      {
        cause: error,
      },
    );
  }
  throw new StarlarkError('FAIL', `${callee.name} did not fail, it returned ${repr(result)}`);
}

const signatures: readonly (readonly [string, Implementation])[] = [
  ['eq(got, want, message: str | None = None)', eq],
  ['ne(got, other, message: str | None = None)', ne],
  ['true(condition, message: str | None = None)', isTrue],
  ['false(condition, message: str | None = None)', isFalse],
  ['contains(container, element, message: str | None = None)', has],
  ['fails(function: Callable, message: str = "") -> str', fails],
];

/** The module `assert` of `starlark test`. */
export const assertions = new StarlarkModule(
  'assert',
  new Map(
    signatures.map(([signature, implementation]) => {
      const name = signature.slice(0, signature.indexOf('('));
      return [name, new HostFunction(signature, withDefaults(implementation))];
    }),
  ),
);

/** Absent optional arguments come as `undefined`; here they are None, or an empty text. */
function withDefaults(implementation: Implementation): Implementation {
  return (...bound) => {
    const given: Value[] = bound;
    if (implementation === fails) return fails(given[0] as StarlarkCallable, String(given[1] ?? ''));
    return (implementation as (...values: Value[]) => Value)(...given.map((value) => value ?? null));
  };
}
