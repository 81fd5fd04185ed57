import { expectString } from '../builtins/arguments.ts';
import { routine } from '../builtins/method-table.ts';
import { StarlarkError } from '../errors.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkModule } from '../value/module.ts';
import type { Value } from '../value/value.ts';
import { decodeJson } from './json-decode.ts';
import { encodeJson } from './json-encode.ts';
import { indentJson } from './json-indent.ts';

function decode(text: Value, otherwise?: Value): Value {
  const source = expectString('json.decode', 'x', text);
  if (otherwise === undefined) return decodeJson(source);
  try {
    return decodeJson(source);
  } catch (error) {
    if (error instanceof StarlarkError && error.code === 'JSON') return otherwise;
    throw error;
  }
}

function indent(text: Value, prefix: Value = '', step: Value = '\t'): string {
  return indentJson(
    expectString('json.indent', 'str', text),
    expectString('json.indent', 'prefix', prefix),
    expectString('json.indent', 'indent', step),
  );
}

function encodeIndent(x: Value, prefix: Value = '', step: Value = '\t'): string {
  return indentJson(
    encodeJson(x),
    expectString('json.encode_indent', 'prefix', prefix),
    expectString('json.encode_indent', 'indent', step),
  );
}

const routines = [
  routine('json.encode(x, /) -> str', 1, 1, encodeJson, 'The JSON text of a value, with sorted keys.'),
  routine('json.decode(x: str, default=unset) -> Any', 1, 2, decode, 'The value of a JSON text, or the default.'),
  routine(
    'json.indent(str: str, /, *, prefix: str = "", indent: str = "\\t") -> str',
    1,
    1,
    indent,
    'JSON laid out in lines.',
  ),
  routine(
    'json.encode_indent(x, /, *, prefix: str = "", indent: str = "\\t") -> str',
    1,
    1,
    encodeIndent,
    'The JSON text of a value, laid out in lines.',
  ),
];

export const jsonModule: StarlarkModule = new StarlarkModule(
  'json',
  new Map(routines.map((each) => [each.name.slice('json.'.length), new Builtin(each)])),
);
