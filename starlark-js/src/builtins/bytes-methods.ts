import type { StarlarkBytes } from '../value/bytes.ts';
import { BytesElements } from './elements.ts';
import { type MethodTable, methodTable, routine } from './method-table.ts';

function elems(bytes: StarlarkBytes): BytesElements {
  return new BytesElements(bytes);
}

export const bytesMethods: MethodTable = methodTable([
  routine('elems() -> Iterable[int]', 0, 0, elems, 'An iterable of the bytes as ints.'),
]);
