import { StarlarkList } from '../value/list.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { expectString } from './arguments.ts';
import { attributeNames, findAttribute, missingAttribute } from './attribute.ts';

export function type(x: Value): string {
  return typeName(x);
}

export function dir(x: Value): StarlarkList {
  return new StarlarkList(attributeNames(x));
}

export function hasattr(x: Value, name: Value): boolean {
  return findAttribute(x, expectString('hasattr', 2, name)) !== undefined;
}

export function getattr(x: Value, name: Value, otherwise?: Value): Value {
  const wanted = expectString('getattr', 2, name);
  const value = findAttribute(x, wanted);
  if (value !== undefined) return value;
  if (otherwise === undefined) throw missingAttribute(x, wanted, 'getattr: ');
  return otherwise;
}
