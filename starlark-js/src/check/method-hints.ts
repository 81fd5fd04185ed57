import { nameOf, type Type } from './types.ts';

/** Methods that Python or JavaScript has and Starlark lacks: by type and name, or by name alone. */
const hints: ReadonlyMap<string, string> = new Map([
  ['list.sort', 'lists have no sort: write xs = sorted(xs), with key = and reverse = as needed'],
  ['list.reverse', 'lists have no reverse: write xs = reversed(xs)'],
  ['list.copy', 'write list(xs)'],
  ['list.count', 'write len([x for x in xs if x == value])'],
  ['list.push', 'write xs.append(x)'],
  ['list.add', 'write xs.append(x)'],
  ['list.length', 'write len(xs)'],
  ['list.size', 'write len(xs)'],
  ['list.join', 'join is a method of the separator: write ", ".join(xs)'],
  ['list.map', 'write [f(x) for x in xs]'],
  ['list.filter', 'write [x for x in xs if f(x)]'],
  ['list.forEach', 'write a for loop'],
  ['list.contains', 'write x in xs'],
  ['list.includes', 'write x in xs'],
  ['list.indexOf', 'write xs.index(x)'],
  ['list.slice', 'write xs[start:stop]'],
  ['list.concat', 'write xs + ys'],
  ['list.shift', 'write xs.pop(0)'],
  ['list.get', 'a list has no get: write xs[i] if i < len(xs) else default'],
  ['list.items', 'a list has no items: write enumerate(xs)'],
  ['dict.has_key', 'write key in d'],
  ['dict.iteritems', 'write d.items()'],
  ['dict.iterkeys', 'write d.keys()'],
  ['dict.itervalues', 'write d.values()'],
  ['dict.copy', 'write dict(d)'],
  ['dict.fromkeys', 'write {key: value for key in keys}'],
  ['dict.add', 'write d[key] = value'],
  ['dict.append', 'write d[key] = value'],
  ['dict.has', 'write key in d'],
  ['dict.contains', 'write key in d'],
  ['dict.length', 'write len(d)'],
  ['dict.size', 'write len(d)'],
  ['dict.remove', 'write d.pop(key)'],
  ['dict.delete', 'write d.pop(key)'],
  ['set.append', 'write s.add(x)'],
  ['set.copy', 'write set(s)'],
  ['set.has', 'write x in s'],
  ['set.contains', 'write x in s'],
  ['str.isnumeric', 'write s.isdigit()'],
  ['str.isdecimal', 'write s.isdigit()'],
  ['str.isidentifier', 'test the characters of s.elems()'],
  ['str.isascii', 'test the characters of s.elems()'],
  ['str.isprintable', 'test the characters of s.elems()'],
  ['str.zfill', 'write "%05d" % n for a number, or "0" * (width - len(s)) + s'],
  ['str.ljust', 'write "%-10s" % s, or s + " " * (width - len(s))'],
  ['str.rjust', 'write "%10s" % s, or " " * (width - len(s)) + s'],
  ['str.center', 'write "{:^10}".format(s)'],
  ['str.expandtabs', 'write s.replace("\\t", "    ")'],
  ['str.swapcase', 'use s.upper() or s.lower()'],
  ['str.casefold', 'write s.lower()'],
  ['str.encode', 'write bytes(s)'],
  ['str.decode', 'strings are text already; for JSON write json.decode(s)'],
  ['str.translate', 'use s.replace(old, new)'],
  ['str.format_map', 'write s.format(**d)'],
  ['str.append', 'strings do not change: write s += t'],
  ['str.push', 'strings do not change: write s += t'],
  ['str.length', 'write len(s)'],
  ['str.size', 'write len(s)'],
  ['str.contains', 'write part in s'],
  ['str.includes', 'write part in s'],
  ['str.toString', 'write str(x)'],
  ['str.trim', 'write s.strip()'],
  ['str.trimStart', 'write s.lstrip()'],
  ['str.trimEnd', 'write s.rstrip()'],
  ['str.toUpperCase', 'write s.upper()'],
  ['str.toLowerCase', 'write s.lower()'],
  ['str.startsWith', 'write s.startswith(prefix)'],
  ['str.endsWith', 'write s.endswith(suffix)'],
  ['str.replaceAll', 'write s.replace(old, new)'],
  ['str.charAt', 'write s[i]'],
  ['str.substring', 'write s[start:stop]'],
  ['str.substr', 'write s[start:stop]'],
  ['str.indexOf', 'write s.find(part)'],
  ['int.to_bytes', 'ints have no methods'],
  ['int.bit_length', 'ints have no methods: count in a loop with x // 2'],
  ['int.toString', 'write str(x)'],
  ['float.is_integer', 'write x == int(x)'],
  ['float.toFixed', 'write "%.2f" % x'],
]);

/** Names that no type of Starlark has as a method, so that they are wrong whatever they are called on. */
const anywhere: ReadonlySet<string> = new Set(
  ['sort', 'has_key', 'iteritems', 'itervalues', 'iterkeys', 'isnumeric', 'zfill', 'ljust', 'rjust', 'casefold'].concat(
    [
      'push',
      'forEach',
      'indexOf',
      'toString',
      'toUpperCase',
      'toLowerCase',
      'trim',
      'includes',
      'format_map',
      'swapcase',
      'isdecimal',
    ],
  ),
);

/** What to write instead of a method that a type lacks. */
export function methodHint(type: Type, name: string): string | undefined {
  return hints.get(`${nameOf(type)}.${name}`);
}

/** The same where nothing is known of the receiver; undefined unless no built-in type has such a method. */
export function habitHint(name: string): string | undefined {
  if (!anywhere.has(name)) return undefined;
  for (const type of ['list', 'dict', 'str']) {
    const hint = hints.get(`${type}.${name}`);
    if (hint !== undefined) return hint;
  }
  return undefined;
}
