import { StarlarkError } from '../../errors.ts';
import { formatValue } from '../../value/format-spec.ts';
import { repr, shortRepr, str } from '../../value/repr.ts';
import { reserveString } from '../../value/reserve.ts';
import { acceptsType } from '../../value/type-expression.ts';
import { typeName } from '../../value/type-name.ts';
import type { Value } from '../../value/value.ts';
import type { FunctionCode } from '../function-code.ts';

/** A variable that is read before any statement assigned it. */
export function unassigned(kind: 'global' | 'local', name: string): never {
  throw new StarlarkError('UNASSIGNED', `${kind} variable ${name} referenced before assignment`);
}

/** The specification forbids recursion. */
export function recursive(name: string): never {
  throw new StarlarkError('RECURSION', `function ${name} called recursively`, [
    'This dialect follows the specification, which has no recursion. Use a loop.',
  ]);
}

/** Throws unless an argument has the type of its annotation. */
export function checkParameter(code: FunctionCode, index: number, v: Value): void {
  const parameter = code.parameters[index]!;
  const type = code.types[index]!;
  if (parameter.kind === 'args' || parameter.kind === 'kwargs' || type === null || acceptsType(type, v)) return;
  throw new StarlarkError(
    'TYPE',
    `${code.name}: for parameter ${parameter.name}: got ${typeName(v)}, want ${parameter.annotation}`,
    [`value: ${shortRepr(v)}`],
  );
}

/** Returns a result that has the type of the function's annotation, and throws for any other. */
export function checkResult(code: FunctionCode, v: Value): Value {
  const type = code.types[code.types.length - 1]!;
  if (type === null || acceptsType(type, v)) return v;
  throw new StarlarkError('TYPE', `${code.name}: got result ${typeName(v)}, want ${code.returns}`, [
    `value: ${shortRepr(v)}`,
  ]);
}

/** One `{expression!conversion:spec}` of an f-string. */
export function formatPart(v: Value, conversion: string, spec: string): string {
  const text = conversion === 'r' ? repr(v) : conversion === 's' ? str(v) : v;
  return formatValue(text, spec);
}

export function joinFormatted(parts: readonly string[]): string {
  let length = 0;
  for (const part of parts) length += part.length;
  reserveString(length);
  return parts.join('');
}
