import { HostFunction } from '../builtins/host-function.ts';
import { StarlarkCallable } from '../value/callable.ts';
import { StarlarkModule } from '../value/module.ts';
import { StarlarkStruct } from '../value/struct.ts';
import type { Value } from '../value/value.ts';
import type { HostKnowledge } from './analysis.ts';

/** How deep the members of predeclared values are looked through for functions that wait. */
const DEPTH = 4;

/** Reads off the predeclared values what the compiler has to know of them. */
export function hostKnowledge(
  predeclared: ReadonlyMap<string, Value>,
): HostKnowledge & { hasPlainNumbers(name: string): boolean } {
  const reaching = new Set([...predeclared].filter(([, value]) => reaches(value, DEPTH)).map(([name]) => name));
  return {
    suspends: (name, attribute) => {
      const value = predeclared.get(name);
      if (value === undefined) return false;
      if (attribute === null) return reaches(value, 0);
      const member = membersOf(value)?.get(attribute);
      return member === undefined ? reaching.has(name) : reaches(member, 0);
    },
    reachesSuspending: (name) => reaching.has(name),
    hasSuspending: reaching.size > 0,
    hasPlainNumbers: (name) => {
      const value = predeclared.get(name);
      if (value instanceof StarlarkModule) return value.name !== 'time';
      return typeof value !== 'object' || value === null || value instanceof StarlarkCallable || isData(value);
    },
  };
}

function membersOf(value: Value): ReadonlyMap<string, Value> | undefined {
  if (value instanceof StarlarkModule) return value.members;
  return value instanceof StarlarkStruct ? value.fields : undefined;
}

function reaches(value: Value, depth: number): boolean {
  if (value instanceof StarlarkCallable) return value instanceof HostFunction && value.suspends;
  const members = membersOf(value);
  return depth > 0 && members !== undefined && [...members.values()].some((member) => reaches(member, depth - 1));
}

function isData(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return ['list', 'dict', 'tuple', 'set', 'range', 'bytes', 'float', 'struct'].includes(value.type);
}
