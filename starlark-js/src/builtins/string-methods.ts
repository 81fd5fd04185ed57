import { StringElements } from './elements.ts';
import { type MethodTable, methodTable, routine } from './method-table.ts';
import * as letterCase from './string-case.ts';
import * as edit from './string-edit.ts';
import { format } from './string-format.ts';
import * as search from './string-search.ts';
import * as pieces from './string-split.ts';

const RANGE = 'start: int | None = None, end: int | None = None, /';

export const stringMethods: MethodTable = methodTable([
  routine('capitalize() -> str', 0, 0, letterCase.capitalize, 'The first letter as a capital, all others small.'),
  routine(
    'codepoint_ords() -> Iterable[int]',
    0,
    0,
    (s: string) => new StringElements(s, 'codepoints', true),
    'An iterable of the code points as ints.',
  ),
  routine(
    'codepoints() -> Iterable[str]',
    0,
    0,
    (s: string) => new StringElements(s, 'codepoints', false),
    'An iterable of the code points as strings.',
  ),
  routine(`count(sub: str, ${RANGE}) -> int`, 1, 3, search.count, 'How often sub occurs, without overlap.'),
  routine(
    'elem_ords() -> Iterable[int]',
    0,
    0,
    (s: string) => new StringElements(s, 'elems', true),
    'An iterable of the UTF-16 code units as ints.',
  ),
  routine(
    'elems() -> Iterable[str]',
    0,
    0,
    (s: string) => new StringElements(s, 'elems', false),
    'An iterable of the strings s[i].',
  ),
  routine(
    `endswith(suffix: str | tuple, ${RANGE}) -> bool`,
    1,
    3,
    search.endswith,
    'Whether the string ends with the suffix, or one of a tuple of them.',
  ),
  routine(`find(sub: str, ${RANGE}) -> int`, 1, 3, search.find, 'The first position of sub, or -1.'),
  routine('format(*args, **kwargs) -> str', 0, -1, format, 'Replaces each {} by an argument.'),
  routine(
    `index(sub: str, ${RANGE}) -> int`,
    1,
    3,
    search.index,
    'The first position of sub; an error when there is none.',
  ),
  routine('isalnum() -> bool', 0, 0, letterCase.isalnum, 'Whether all are letters or digits, and there is one.'),
  routine('isalpha() -> bool', 0, 0, letterCase.isalpha, 'Whether all are letters, and there is one.'),
  routine('isdigit() -> bool', 0, 0, letterCase.isdigit, 'Whether all are digits, and there is one.'),
  routine('islower() -> bool', 0, 0, letterCase.islower, 'Whether there are letters and all are small.'),
  routine('isspace() -> bool', 0, 0, letterCase.isspace, 'Whether all is white space, and there is some.'),
  routine('istitle() -> bool', 0, 0, letterCase.istitle, 'Whether every word begins with its only capital.'),
  routine('isupper() -> bool', 0, 0, letterCase.isupper, 'Whether there are letters and all are capitals.'),
  routine('join(iterable: Iterable[str], /) -> str', 1, 1, edit.join, 'The strings, with this one between them.'),
  routine('lower() -> str', 0, 0, letterCase.lower, 'All letters small.'),
  routine('lstrip(chars: str = " ", /) -> str', 0, 1, edit.lstrip, 'Without white space, or chars, at the start.'),
  routine(
    'partition(sep: str, /) -> tuple[str, str, str]',
    1,
    1,
    pieces.partition,
    'What is before the first sep, sep, and what is after it.',
  ),
  routine('removeprefix(prefix: str, /) -> str', 1, 1, edit.removeprefix, 'Without the prefix, if it is there.'),
  routine('removesuffix(suffix: str, /) -> str', 1, 1, edit.removesuffix, 'Without the suffix, if it is there.'),
  routine(
    'replace(old: str, new: str, count: int = -1, /) -> str',
    2,
    3,
    edit.replace,
    'With new in place of old, at most count times if count is not negative.',
  ),
  routine(`rfind(sub: str, ${RANGE}) -> int`, 1, 3, search.rfind, 'The last position of sub, or -1.'),
  routine(
    `rindex(sub: str, ${RANGE}) -> int`,
    1,
    3,
    search.rindex,
    'The last position of sub; an error when there is none.',
  ),
  routine(
    'rpartition(sep: str, /) -> tuple[str, str, str]',
    1,
    1,
    pieces.rpartition,
    'What is before the last sep, sep, and what is after it.',
  ),
  routine(
    'rsplit(sep: str | None = None, maxsplit: int = -1, /) -> list[str]',
    0,
    2,
    pieces.rsplit,
    'Splits like split, counting splits from the end.',
  ),
  routine('rstrip(chars: str = " ", /) -> str', 0, 1, edit.rstrip, 'Without white space, or chars, at the end.'),
  routine(
    'split(sep: str | None = None, maxsplit: int = -1, /) -> list[str]',
    0,
    2,
    pieces.split,
    'The parts between separators, by default between runs of white space.',
  ),
  routine(
    'splitlines(keepends: bool = False, /) -> list[str]',
    0,
    1,
    pieces.splitlines,
    'The lines, without their ends unless keepends is set.',
  ),
  routine(
    `startswith(prefix: str | tuple, ${RANGE}) -> bool`,
    1,
    3,
    search.startswith,
    'Whether the string starts with the prefix, or one of a tuple of them.',
  ),
  routine('strip(chars: str = " ", /) -> str', 0, 1, edit.strip, 'Without white space, or chars, at both ends.'),
  routine('title() -> str', 0, 0, letterCase.title, 'Each word with a capital at its start.'),
  routine('upper() -> str', 0, 0, letterCase.upper, 'All letters as capitals.'),
]);
