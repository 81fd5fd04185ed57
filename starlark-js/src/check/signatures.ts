import { methodsOf } from '../builtins/attribute.ts';
import { HostFunction } from '../builtins/host-function.ts';
import { universe } from '../builtins/universe.ts';
import type { Def, Lambda } from '../syntax/ast.ts';
import { Builtin } from '../value/builtin.ts';
import { StarlarkBytes } from '../value/bytes.ts';
import { StarlarkDict } from '../value/dict.ts';
import { StarlarkList } from '../value/list.ts';
import { StarlarkModule } from '../value/module.ts';
import { StarlarkSet } from '../value/set.ts';
import { StarlarkStruct } from '../value/struct.ts';
import type { Value } from '../value/value.ts';
import { ANY, nameOf, readType, type Type } from './types.ts';

/** A parameter as a call sees it. */
export interface Expected {
  readonly name: string;
  readonly kind: 'positional' | 'normal' | 'keyword' | 'args' | 'kwargs';
  readonly type: Type;
  readonly isRequired: boolean;
}

/** Something that can be called and of which it is known how. */
export interface Callee {
  readonly name: string;
  /** `function` for a `def` of the file: the words of messages differ. */
  readonly origin: 'function' | 'builtin';
  readonly parameters: readonly Expected[];
  readonly returns: Type;
}

const known = new Map<string, Callee | null>();

/** A function of the universe. */
export function universalCallee(name: string): Callee | null {
  let callee = known.get(name);
  if (callee === undefined) {
    const value = universe.get(name);
    callee = value === undefined ? null : calleeOf(value);
    known.set(name, callee);
  }
  return callee;
}

/** A built-in or host function, by its signature. */
export function calleeOf(value: Value): Callee | null {
  const signature =
    value instanceof Builtin ? value.routine.signature : value instanceof HostFunction ? value.signature : null;
  if (signature === null) return null;
  return {
    name: signature.name,
    origin: 'builtin',
    returns: readType(signature.returns),
    parameters: signature.parameters.map((parameter) => ({
      name: parameter.name,
      kind: parameter.kind,
      type: readType(parameter.type),
      isRequired: parameter.default === null && parameter.kind !== 'args' && parameter.kind !== 'kwargs',
    })),
  };
}

const samples: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['str', ''],
  ['list', new StarlarkList([])],
  ['dict', new StarlarkDict()],
  ['set', new StarlarkSet()],
  ['bytes', new StarlarkBytes(new Uint8Array())],
]);

/** The names of the methods of a built-in type; empty for types without any. */
export function methodNames(type: Type): readonly string[] {
  const sample = samples.get(nameOf(type));
  return sample === undefined ? [] : [...(methodsOf(sample)?.keys() ?? [])];
}

/** A method of a built-in type; null when it has none of that name. */
export function methodCallee(type: Type, name: string): Callee | null {
  const sample = samples.get(nameOf(type));
  const routine = sample === undefined ? undefined : methodsOf(sample)?.get(name);
  return routine === undefined ? null : calleeOf(new Builtin(routine));
}

/** The members of a module or struct that is predeclared; null for all other values. */
export function membersOf(value: Value | undefined): ReadonlyMap<string, Value> | null {
  if (value instanceof StarlarkModule) return value.members;
  return value instanceof StarlarkStruct ? value.fields : null;
}

/** A function of the file. */
export function functionCallee(name: string, node: Def | Lambda, typeOf: (node: Def | Lambda) => Declared): Callee {
  const declared = typeOf(node);
  const parameters: Expected[] = [];
  let afterStar = false;
  for (const parameter of node.parameters) {
    if (parameter.kind === 'KeywordOnlyMarker') {
      afterStar = true;
      continue;
    }
    const kind =
      parameter.kind === 'ArgsParameter'
        ? 'args'
        : parameter.kind === 'KwargsParameter'
          ? 'kwargs'
          : afterStar
            ? 'keyword'
            : 'normal';
    if (kind === 'args') afterStar = true;
    parameters.push({
      name: parameter.name.name,
      kind,
      type: kind === 'args' || kind === 'kwargs' ? ANY : (declared.parameters.get(parameter.name.name) ?? ANY),
      isRequired: parameter.kind === 'Parameter' && parameter.default === null,
    });
  }
  return { name, origin: 'function', parameters, returns: declared.returns };
}

/** The annotations of a function, read. */
export interface Declared {
  readonly parameters: ReadonlyMap<string, Type>;
  readonly returns: Type;
}
