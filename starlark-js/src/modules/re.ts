import { expectString } from '../builtins/arguments.ts';
import { routine } from '../builtins/method-table.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkModule } from '../value/module.ts';
import type { Value } from '../value/value.ts';
import { compilePattern, Pattern } from './pattern.ts';
import { patternMethods } from './pattern-methods.ts';

function compile(pattern: Value): Pattern {
  return pattern instanceof Pattern ? pattern : compilePattern(expectString('re.compile', 'pattern', pattern));
}

/** A function of the module is the method of a compiled pattern, with the pattern in front. */
const functions = [...patternMethods.values()].map((method) => {
  const run = (pattern: Value, ...rest: never[]): Value | undefined => method.run(compile(pattern), ...rest);
  const text = method.text.replace('(', '(pattern: str, ');
  return routine(`re.${text}`, method.minimum + 1, method.maximum + 1, run, method.doc);
});

const SPECIAL = /[\\.+*?()|[\]{}^$]/g;

function escapeText(text: Value): string {
  return expectString('re.escape', 'text', text).replace(SPECIAL, '\\$&');
}

const routines = [
  routine('re.compile(pattern: str) -> re.pattern', 1, 1, compile, 'A compiled pattern, in RE2 syntax.'),
  routine('re.escape(text: str) -> str', 1, 1, escapeText, 'A pattern that matches exactly the text.'),
  ...functions,
];

export const reModule: StarlarkModule = new StarlarkModule(
  're',
  new Map(routines.map((each) => [each.name.slice('re.'.length), new Builtin(each)])),
);
