/**
 * Which extensions of the language a program may use. The parser reports `while`, control at top level, f-strings,
 * annotations and tabs; the resolver reports reassignment of globals; the compiler and the built-ins honour the rest.
 */
export interface Dialect {
  /** `while` statements. */
  readonly while: boolean;
  /** A function may call itself, up to the depth limit of the thread. */
  readonly recursion: boolean;
  /** `if`, `for` and `while` outside functions. */
  readonly topLevelControl: boolean;
  /** A global may be assigned more than once, and `x += 1` works on a global. */
  readonly globalReassign: boolean;
  /** The built-in `set` and its operators. */
  readonly sets: boolean;
  /** `f"…{expression!r:spec}…"`. */
  readonly fstrings: boolean;
  /** Width, precision and flags in `%` and in `format`. */
  readonly formatExtensions: boolean;
  /** Annotations: a syntax error, parsed and ignored, or checked before running and at the borders of functions. */
  readonly types: 'off' | 'parse' | 'check';
  /** Tabs in indentation, each to the next multiple of eight columns. */
  readonly tabs: boolean;
  /** The unit of a string: a UTF-16 code unit, or a byte of its UTF-8 form as in starlark-go. */
  readonly strings: 'utf16' | 'utf8';
}

/**
 * What scripts of models and people are written in: every extension that is safe under limits is on.
 *
 * @example
 * defaultDialect.while; // true
 */
export const defaultDialect: Dialect = Object.freeze({
  while: true,
  recursion: true,
  topLevelControl: true,
  globalReassign: true,
  sets: true,
  fstrings: true,
  formatExtensions: true,
  types: 'check',
  tabs: true,
  strings: 'utf16',
});

/**
 * The language of the specification and nothing else.
 *
 * @example
 * compile('x = 1\nx = 2\n', { dialect: strictDialect }).program; // null
 */
export const strictDialect: Dialect = Object.freeze({
  while: false,
  recursion: false,
  topLevelControl: false,
  globalReassign: false,
  sets: true,
  fstrings: false,
  formatExtensions: false,
  types: 'off',
  tabs: false,
  strings: 'utf16',
});

/**
 * A dialect that differs from the default, or from `base`, in some switches.
 *
 * @example
 * const noLoops = createDialect({ while: false, recursion: false });
 */
export function createDialect(changes: Partial<Dialect>, base: Dialect = defaultDialect): Dialect {
  for (const name of Object.keys(changes)) {
    if (!Object.hasOwn(defaultDialect, name)) {
      throw new RangeError(
        `dialect has no switch ${JSON.stringify(name)}; it has ${Object.keys(defaultDialect).join(', ')}`,
      );
    }
  }
  return Object.freeze({ ...base, ...changes });
}
