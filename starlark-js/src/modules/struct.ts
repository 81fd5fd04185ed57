import { routine } from '../builtins/method-table.ts';
import { StarlarkError } from '../errors.ts';
import { charge } from '../meter.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkStruct } from '../value/struct.ts';
import type { NamedArgument, Value } from '../value/value.ts';

function make(positional: readonly Value[], fields: readonly NamedArgument[] = []): StarlarkStruct {
  if (positional.length > 0)
    throw new StarlarkError('ARGUMENTS', 'struct: unexpected positional arguments', [
      'Name every field: struct(x = 1, y = 2).',
    ]);
  charge(fields.length * 48);
  return new StarlarkStruct(fields);
}

/** The function `struct`. */
export const structFunction: Builtin = new Builtin(
  routine('struct(*args, **fields) -> struct', 0, -1, make, 'An immutable record with the named fields.'),
);
