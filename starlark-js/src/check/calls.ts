import type { Finding } from '../diagnostic.ts';
import { nearest } from '../resolve/nearest.ts';
import type { Argument, Call } from '../syntax/ast.ts';
import type { Callee, Expected } from './signatures.ts';
import { mayBe, runtimeName, show, type Type } from './types.ts';

/** An argument with its type. */
export interface Given {
  readonly argument: Argument;
  readonly type: Type;
}

/** Holds the arguments of a call against what the callee takes. */
export function checkCall(
  callee: Callee,
  call: Call,
  given: readonly Given[],
  report: (finding: Finding) => void,
): void {
  const { parameters } = callee;
  const places = parameters.filter(({ kind }) => kind === 'positional' || kind === 'normal');
  const rest = parameters.find(({ kind }) => kind === 'args');
  const filled = new Map<Expected, Given>();
  let count = 0;
  let spreads = false;
  let spreadsNames = false;
  for (const each of given) {
    const { argument } = each;
    if (argument.kind === 'Args') spreads = true;
    else if (argument.kind === 'Kwargs') spreadsNames = true;
    else if (argument.kind === 'Positional') {
      const parameter = places[count] ?? rest;
      count++;
      if (parameter !== undefined) checkArgument(callee, parameter, each, report);
      if (parameter !== undefined && parameter !== rest) filled.set(parameter, each);
    } else checkKeyword(callee, each, filled, report);
  }
  if (count > places.length && rest === undefined) {
    report({ ...spanOf(call), code: 'CHECK_ARGUMENTS', message: tooMany(callee, places, count), hint: usage(callee) });
    return;
  }
  if (spreads || spreadsNames) return;
  const missing = parameters.filter((parameter) => parameter.isRequired && !filled.has(parameter));
  if (missing.length === 0) return;
  report({
    ...spanOf(call),
    code: 'CHECK_ARGUMENTS',
    message: tooFew(callee, missing, places, count),
    hint: usage(callee),
  });
}

function spanOf(call: Call): { readonly start: number; readonly end: number } {
  return { start: call.start, end: call.end };
}

function checkKeyword(
  callee: Callee,
  given: Given,
  filled: Map<Expected, Given>,
  report: (finding: Finding) => void,
): void {
  if (given.argument.kind !== 'Named') return;
  const { name } = given.argument.name;
  const at = { start: given.argument.name.start, end: given.argument.name.end };
  const parameter = callee.parameters.find(
    (each) => each.name === name && (each.kind === 'normal' || each.kind === 'keyword'),
  );
  const who = callee.origin === 'function' ? `function ${callee.name} got` : `${callee.name}: got`;
  if (parameter === undefined) {
    if (callee.parameters.some(({ kind }) => kind === 'kwargs')) return;
    const names = callee.parameters
      .filter(({ kind }) => kind === 'normal' || kind === 'keyword')
      .map((each) => each.name);
    const near = nearest(name, names);
    const message =
      callee.origin === 'function'
        ? `function ${callee.name} got an unexpected keyword argument "${name}"`
        : `${callee.name}: unexpected keyword argument "${name}"`;
    const suffix = near === null ? '' : ` (did you mean ${near}?)`;
    report({ ...at, code: 'CHECK_ARGUMENTS', message: message + suffix, hint: usage(callee) });
    return;
  }
  if (filled.has(parameter))
    report({
      ...at,
      code: 'CHECK_ARGUMENTS',
      message: `${who} multiple values for parameter "${name}"`,
      hint: usage(callee),
    });
  filled.set(parameter, given);
  checkArgument(callee, parameter, given, report);
}

function checkArgument(callee: Callee, parameter: Expected, given: Given, report: (finding: Finding) => void): void {
  if (mayBe(given.type, parameter.type)) return;
  const { start, end } = given.argument.value;
  report({
    start,
    end,
    code: 'CHECK_TYPE',
    message: `${callee.name}: for parameter ${parameter.name}: got ${runtimeName(given.type)}, want ${show(parameter.type)}`,
  });
}

function tooMany(callee: Callee, places: readonly Expected[], count: number): string {
  const plural = (n: number): string => (n === 1 ? '' : 's');
  const optional = places.some(({ isRequired }) => !isRequired);
  if (callee.origin === 'builtin') {
    return `${callee.name}: got ${count} argument${plural(count)}, want ${optional ? 'at most ' : ''}${places.length}`;
  }
  if (callee.parameters.length === 0) return `function ${callee.name} accepts no arguments (${count} given)`;
  return `function ${callee.name} accepts ${optional ? 'at most ' : ''}${places.length} positional argument${plural(places.length)} (${count} given)`;
}

function tooFew(callee: Callee, missing: readonly Expected[], places: readonly Expected[], count: number): string {
  const names = missing.map(({ name }) => name).join(', ');
  if (callee.origin === 'function')
    return `function ${callee.name} missing ${missing.length} argument${missing.length === 1 ? '' : 's'} (${names})`;
  if (missing.some(({ kind }) => kind !== 'positional')) return `${callee.name}: missing argument for ${names}`;
  const least = places.filter(({ isRequired }) => isRequired).length;
  return `${callee.name}: got ${count} argument${count === 1 ? '' : 's'}, want ${least === places.length ? '' : 'at least '}${least}`;
}

/** `usage: f(a, b = …)`. */
function usage(callee: Callee): string {
  const parts: string[] = [];
  let marked = false;
  for (const { name, kind, isRequired } of callee.parameters) {
    if (kind === 'args') marked = true;
    if (kind === 'keyword' && !marked) {
      parts.push('*');
      marked = true;
    }
    parts.push(
      `${kind === 'args' ? '*' : kind === 'kwargs' ? '**' : ''}${name}${isRequired || kind === 'args' || kind === 'kwargs' ? '' : '=…'}`,
    );
  }
  return `usage: ${callee.name}(${parts.join(', ')})`;
}
