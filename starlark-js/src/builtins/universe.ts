import { Builtin } from '../value/builtin.ts';
import type { Value } from '../value/value.ts';
import * as collections from './collections.ts';
import { routine } from './method-table.ts';
import * as numbers from './numbers.ts';
import * as ordering from './ordering.ts';
import * as reflection from './reflection.ts';
import * as text from './text.ts';

const routines = [
  routine('abs(x: int | float, /) -> int | float', 1, 1, numbers.abs, 'The absolute value.'),
  routine('all(iterable: Iterable, /) -> bool', 1, 1, collections.all, 'Whether every element is true.'),
  routine('any(iterable: Iterable, /) -> bool', 1, 1, collections.any, 'Whether some element is true.'),
  routine('bool(x=False, /) -> bool', 0, 1, collections.bool, 'The truth of a value.'),
  routine(
    'bytes(x: str | bytes | Iterable[int], /) -> bytes',
    1,
    1,
    text.bytes,
    'UTF-8 of a string, or bytes of ints.',
  ),
  routine('chr(i: int, /) -> str', 1, 1, text.chr, 'The string of one code point.'),
  routine('dict(*pairs: dict | Iterable, **kwargs) -> dict', 0, -1, collections.dict, 'A dict of pairs and keywords.'),
  routine('dir(x, /) -> list[str]', 1, 1, reflection.dir, 'The names of the attributes.'),
  routine(
    'enumerate(iterable: Iterable, start: int = 0, /) -> list[tuple]',
    1,
    2,
    collections.enumerate,
    'A list of (index, element) pairs.',
  ),
  routine('fail(*args, sep: str = " ")', 0, -1, text.fail, 'Ends the program with an error.'),
  routine(
    'float(x: int | float | str | bool = 0.0, /) -> float',
    0,
    1,
    numbers.float,
    'The float of a number or text.',
  ),
  routine('getattr(x, name: str, default=unset, /)', 2, 3, reflection.getattr, 'The attribute, or the default.'),
  routine('hasattr(x, name: str, /) -> bool', 2, 2, reflection.hasattr, 'Whether there is such an attribute.'),
  routine('hash(x: str | bytes, /) -> int', 1, 1, text.hash, 'A hash that is the same on every run.'),
  routine(
    'int(x: int | float | str | bool, base: int = 10) -> int',
    1,
    2,
    numbers.int,
    'The int of a number, cut, or of text in the base.',
  ),
  routine('len(x, /) -> int', 1, 1, collections.len, 'How many elements there are.'),
  routine('list(iterable: Iterable = [], /) -> list', 0, 1, collections.list, 'A new list of the elements.'),
  routine('max(*args, key: Callable | None = None)', 0, -1, ordering.max, 'The greatest argument or element.'),
  routine('min(*args, key: Callable | None = None)', 0, -1, ordering.min, 'The least argument or element.'),
  routine('ord(s: str | bytes, /) -> int', 1, 1, text.ord, 'The code point of a string of one, or the byte.'),
  routine('print(*args, sep: str = " ") -> None', 0, -1, text.print, 'Writes the arguments as text.'),
  routine(
    'range(start_or_stop: int, stop: int = 0, step: int = 1, /) -> range',
    1,
    3,
    collections.range,
    'The ints from start, by default 0, up to but not including stop.',
  ),
  routine('repr(x, /) -> str', 1, 1, text.repr, 'The value as source text.'),
  routine('reversed(iterable: Iterable, /) -> list', 1, 1, collections.reversed, 'The elements from last to first.'),
  routine('set(iterable: Iterable = [], /) -> set', 0, 1, collections.set, 'A new set of the elements.'),
  routine(
    'sorted(iterable: Iterable, key: Callable | None = None, reverse: bool = False) -> list',
    1,
    3,
    ordering.sorted,
    'The elements in order; equal ones keep their order.',
  ),
  routine('str(x, /) -> str', 1, 1, text.str, 'The value as text.'),
  routine('tuple(iterable: Iterable = (), /) -> tuple', 0, 1, collections.tuple, 'A tuple of the elements.'),
  routine('type(x, /) -> str', 1, 1, reflection.type, 'The name of the type.'),
  routine('zip(*iterables: Iterable) -> list[tuple]', 0, -1, collections.zip, 'Tuples of the elements side by side.'),
];

/** The functions that every program can call. None, True and False belong to the grammar. */
export const universe: ReadonlyMap<string, Value> = new Map(
  routines.map((each) => [each.name, new Builtin(each)] as const),
);
