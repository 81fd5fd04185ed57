import { methodsOf } from '../builtins/attribute.ts';
import type { Span } from '../syntax/ast.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkList } from '../value/list.ts';
import type { Routine } from '../value/routine.ts';
import { StarlarkSet } from '../value/set.ts';
import type { Code } from './code.ts';
import type { FunctionWriter } from './function-writer.ts';
import { methodResults } from './static-type.ts';

/** The arguments of a call, as written. */
export interface Written {
  readonly positional: readonly Code[];
  readonly named: readonly { readonly name: string; readonly value: Code }[];
  readonly args: Code | null;
  readonly kwargs: Code | null;
}

type Place = Span & { readonly builtin?: string };

/** A call of a universal function whose arguments fit its signature: its code itself, with every argument in place. */
export function universalCall(writer: FunctionWriter, value: unknown, written: Written, at: Place): string | null {
  if (!(value instanceof Builtin)) return null;
  const bound = bindWritten(value.routine, written);
  if (bound === null) return null;
  return `(${writer.callRoutine(value.routine, at)}(${bound.join(',')})??null)`;
}

/**
 * The text of each parameter's argument; null when the call does not fit, or when it would reorder arguments. What
 * the routine promises of its parameters is kept: `undefined` for an absent one, arrays for those that take the rest.
 */
function bindWritten(routine: Routine, written: Written): string[] | null {
  if (written.args !== null || written.kwargs !== null) return null;
  const { positional, named } = written;
  if (named.length === 0 && positional.length >= routine.minimum && positional.length <= routine.maximum)
    return positional.map(({ text }) => text);
  const { parameters } = routine.signature;
  const bound: (string | null)[] = parameters.map(() => null);
  let next = 0;
  for (const [index, { kind }] of parameters.entries()) {
    if (kind === 'args') {
      bound[index] = `[${positional
        .slice(next)
        .map(({ text }) => text)
        .join(',')}]`;
      next = positional.length;
    } else if ((kind === 'positional' || kind === 'normal') && next < positional.length)
      bound[index] = positional[next++]!.text;
  }
  if (next < positional.length) return null;
  if (named.length > 1 && named.some(({ value }) => !value.simple)) return null;
  for (const { name, value } of named) {
    const index = parameters.findIndex(
      (each) => each.name === name && (each.kind === 'normal' || each.kind === 'keyword'),
    );
    if (index < 0 || bound[index] !== null) return null;
    bound[index] = value.text;
  }
  for (const [index, parameter] of parameters.entries()) {
    if (bound[index] !== null) continue;
    if (parameter.kind === 'kwargs') bound[index] = '[]';
    else if (parameter.default === null) return null;
    else bound[index] = 'undefined';
  }
  return bound as string[];
}

interface Receiver {
  readonly type: 'string' | 'list' | 'dict' | 'set';
  readonly methods: ReadonlyMap<string, Routine>;
}

const receivers: readonly Receiver[] = [
  { type: 'string', methods: methodsOf('')! },
  { type: 'list', methods: methodsOf(new StarlarkList([]))! },
  { type: 'dict', methods: methodsOf(new StarlarkDict())! },
  { type: 'set', methods: methodsOf(new StarlarkSet())! },
];

/** The type that alone has a method of this name, or the one that the receiver is known to be. */
function likelyReceiver(object: Code, name: string): Receiver | null {
  const known = receivers.find(({ type }) => type === object.type);
  if (known !== undefined) return known.methods.has(name) ? known : null;
  if (object.type !== 'any') return null;
  const having = receivers.filter(({ methods }) => methods.has(name));
  return having.length === 1 ? having[0]! : null;
}

/**
 * A method call that looks at the likely type of the receiver first and runs the method's code directly; `general`
 * writes the call for every other receiver.
 */
export function likelyMethodCall(
  writer: FunctionWriter,
  name: string,
  object: Code,
  written: Written,
  at: Place,
  general: (object: string) => string,
): string | null {
  if (!writer.hot) return null;
  const receiver = likelyReceiver(object, name);
  const routine = receiver?.methods.get(name);
  if (receiver === null || routine === undefined) return null;
  const bound = bindWritten(routine, written);
  if (bound === null) return null;
  const kept = object.simple ? object.text : writer.temporary();
  const before = object.simple ? '' : `${kept}=${object.text},`;
  const direct = `${writer.callRoutine(routine, at)}(${[kept, ...bound].join(',')})`;
  const known = methodResults.get(`${receiver.type}.${name}`);
  const result = known !== undefined && known !== 'none' ? direct : `(${direct}??null)`;
  if (receiver.type === object.type) return `(${before}${result})`;
  const classes = { list: 'List', dict: 'Dict', set: 'SetClass', string: '' };
  const test =
    receiver.type === 'string'
      ? `typeof ${kept}==="string"`
      : `${kept} instanceof ${writer.helper(classes[receiver.type])}`;
  return `(${before}${test}?${result}:${general(kept)})`;
}
