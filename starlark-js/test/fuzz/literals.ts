import type { Random } from './random.ts';

/** Where machine integers, doubles and shifts have their edges. */
const EDGES = [
  '0', '1', '2', '3', '5', '7', '10', '31', '32', '63', '64', '100', '255', '256', '1000', '65535', '65536',
  '2147483647', '2147483648', '4294967295', '4294967296', '4294967297', '9007199254740991', '9007199254740992',
  '9007199254740993', '9223372036854775807', '9223372036854775808', '18446744073709551616',
  '1000000000000000000000', '123456789012345678901234567890', '340282366920938463463374607431768211456',
  '0xff', '0o17', '0b101', '0xdeadbeef', '0x7fffffff', '0xffffffffffffffff',
]; // biome-ignore format: a table

const FLOATS = [
  '0.0', '0.1', '0.5', '1.0', '1.5', '2.0', '2.5', '3.14159', '10.0', '100.0', '0.001', '1e-4', '1e-5', '1e5', '1e6',
  '123456.789', '1234567.0', '1e15', '1e16', '1e17', '1e20', '1e21', '1e22', '1e100', '1e-100', '5e-324',
  '2.2250738585072014e-308', '1.7976931348623157e308', '4503599627370496.5', '9007199254740993.0', '0.30000000000000004',
  '1e-7', '6.02e23', '99999.95', '999999.5', '0.1e1',
]; // biome-ignore format: a table

const WORDS = [
  '', 'a', 'b', 'ab', 'abc', 'banana', 'Hello, World', 'x=1;y=2', ' a b  c ', 'one two  three', 'A-b C', '123', '-45',
  '0x1f', '3.5', 'a,b,,c', '\\n', 'l1\\nl2\\n', '\\t x ', '{}', '{0}', '%s', '%d%%', 'zZ9_', 'aaa', "it's", '\\"q\\"',
  '\\\\', '\\x00', '__proto__', 'constructor', 'toString',
]; // biome-ignore format: a table

const UNICODE = [
  '\\x7f',
  'é',
  'ü',
  'Ω',
  'ж',
  'é́',
  '日本',
  '😀',
  'a😀b',
  'ß',
  'ǆ',
  'İ',
  'ς',
  '٣',
  'ª',
  '\\u00a0',
  '\\u2028',
  '\\u00ad',
  '\\u200b',
  '\\ud7ff',
  '\\ue000',
  '\\uffff',
  '\\U00010000',
];

export function intLiteral(random: Random): string {
  const kind = random.next();
  const text =
    kind < 0.55
      ? String(random.between(0, 20))
      : kind < 0.9
        ? random.pick(EDGES)
        : String(random.between(0, 2 ** 53 - 1));
  return random.chance(0.25) ? `-${text}` : text;
}

export function smallInt(random: Random, low = -3, high = 6): string {
  return String(random.between(low, high));
}

export function floatLiteral(random: Random): string {
  const kind = random.next();
  if (kind < 0.06) return `float("${random.pick(['nan', 'inf', '-inf'])}")`;
  const text =
    kind < 0.75
      ? random.pick(FLOATS)
      : kind < 0.9
        ? (random.next() * 10 ** random.between(-8, 20)).toPrecision(random.between(1, 17))
        : `${random.between(0, 10000)}.${random.between(0, 999)}`;
  const float = /[.e]/.test(text) ? text : `${text}.0`;
  return random.chance(0.2) ? `-${float}` : float;
}

export function stringLiteral(random: Random): string {
  const quote = random.chance(0.2) ? "'" : '"';
  const text = random.pick(WORDS);
  return quote === "'" ? `'${text.replaceAll("'", "\\'")}'` : `"${text}"`;
}

/** Text beyond ASCII: for the operations whose result does not depend on the unit of a string. */
export function unicodeLiteral(random: Random): string {
  return `"${random.many(0, 3, () => random.pick(random.chance(0.3) ? ['a', 'b', '-', ' '] : UNICODE)).join('')}"`;
}

/** Words of one to four bytes a letter, for programs in which strings are made of bytes. */
export function wideLiteral(random: Random): string {
  return `"${random.many(0, 3, () => random.pick(['a', ' ', ',', 'é', 'Ж', '日本', '😀', 'an', '-', 'ß'])).join('')}"`;
}

export function bytesLiteral(random: Random): string {
  const parts = ['a', 'b', 'abc', '\\x00', '\\xff', '\\n', 'é', ''];
  return `b"${random.many(0, 3, () => random.pick(parts)).join('')}"`;
}
