/**
 * - `positional`: by position only
 * - `normal`: by position or by name
 * - `keyword`: by name only
 * - `args`: takes the rest of the positional arguments
 * - `kwargs`: takes the rest of the keyword arguments
 */
export type ParameterKind = 'positional' | 'normal' | 'keyword' | 'args' | 'kwargs';

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** A type as in an annotation, such as `list[str] | None`; `Any` when none was given. */
  readonly type: string;
  /** The source text of the default; `null` when an argument is required. */
  readonly default: string | null;
}

/** What a built-in takes and gives, for the checker, for messages and for the documentation. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The type of the result, as in an annotation. */
  readonly returns: string;
}

const HEAD = /^([\w.]+)\((.*)\)(?:\s*->\s*(.+))?$/s;
const PARAMETER = /^(\*{0,2})([A-Za-z_]\w*)\s*(?::\s*([^=]+?))?\s*(?:=\s*(.+))?$/s;

/**
 * Reads a signature written as in a `def`, with `/` after positional-only and `*` before keyword-only parameters.
 *
 * @example
 * ```ts
 * parseSignature('sorted(iterable: Iterable, key: Callable | None = None, reverse: bool = False) -> list');
 * ```
 */
export function parseSignature(text: string): Signature {
  const head = HEAD.exec(text.trim());
  if (head === null) throw new TypeError(`signature ${JSON.stringify(text)}: want name(parameters) -> type`);
  const parameters: Parameter[] = [];
  let kind: ParameterKind = 'normal';
  for (const part of splitAtCommas(head[2]!)) {
    if (part === '/') {
      for (const [i, parameter] of parameters.entries()) parameters[i] = { ...parameter, kind: 'positional' };
    } else if (part === '*') kind = 'keyword';
    else {
      const match = PARAMETER.exec(part);
      if (match === null) throw new TypeError(`signature ${JSON.stringify(text)}: cannot read parameter "${part}"`);
      const own: ParameterKind = match[1] === '*' ? 'args' : match[1] === '**' ? 'kwargs' : kind;
      parameters.push({ name: match[2]!, kind: own, type: match[3] ?? 'Any', default: match[4] ?? null });
      if (own === 'args') kind = 'keyword';
    }
  }
  return { name: head[1]!, parameters, returns: head[3] ?? 'Any' };
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote !== '') quote = c === quote ? '' : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === '[' || c === '(' || c === '{') depth++;
    else if (c === ']' || c === ')' || c === '}') depth--;
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  parts.push(text.slice(start).trim());
  return parts.filter((part) => part !== '');
}
