import { StarlarkError } from '../errors.ts';
import { tick } from '../meter.ts';
import { fnvHash, StarlarkBytes } from '../value/bytes.ts';
import { isInt } from '../value/float.ts';
import { javaStringHash } from '../value/hash.ts';
import { elementsOf } from '../value/iterate.ts';
import { shortRepr, repr as sourceOf, str as textOf } from '../value/repr.ts';
import { reserveBytes, reserveString } from '../value/reserve.ts';
import { fromUnicode, toUnicode } from '../value/string-unit.ts';
import { typeName } from '../value/type-name.ts';
import { encodeUtf8 } from '../value/utf8.ts';
import type { Value } from '../value/value.ts';
import { expectString } from './arguments.ts';
import { services } from './services.ts';

export function str(x: Value): string {
  return textOf(x);
}

export function repr(x: Value): string {
  return sourceOf(x);
}

export function bytes(x: Value): StarlarkBytes {
  if (x instanceof StarlarkBytes) return x;
  if (typeof x === 'string') {
    reserveBytes(x.length * 3);
    return new StarlarkBytes(encodeUtf8(toUnicode(x)));
  }
  const elements = elementsOf(x);
  if (elements === undefined)
    throw new StarlarkError('TYPE', `bytes: got ${typeName(x)}, want string, bytes, or iterable of ints`, [
      `value: ${shortRepr(x)}`,
    ]);
  reserveBytes(elements.length);
  const data = new Uint8Array(elements.length);
  for (const [i, element] of elements.entries()) {
    if (!isInt(element)) throw new StarlarkError('TYPE', `bytes: at index ${i}, got ${typeName(element)}, want int`);
    if (element < 0 || element > 255)
      throw new StarlarkError(
        'VALUE',
        `bytes: at index ${i}, ${element} out of range (want value in unsigned 8-bit range)`,
      );
    data[i] = Number(element);
  }
  return new StarlarkBytes(data);
}

export function chr(x: Value): string {
  if (!isInt(x)) throw new StarlarkError('TYPE', `chr: got ${typeName(x)}, want int`, [`value: ${shortRepr(x)}`]);
  if (x < 0) throw new StarlarkError('VALUE', `chr: Unicode code point ${x} out of range (<0)`);
  if (x > 0x10ffff)
    throw new StarlarkError(
      'VALUE',
      `chr: Unicode code point U+${x.toString(16).toUpperCase()} out of range (>0x10FFFF)`,
    );
  return x >= 0xd800 && x <= 0xdfff ? fromUnicode('\ufffd') : fromUnicode(String.fromCodePoint(Number(x)));
}

export function ord(x: Value): number {
  if (typeof x === 'string') {
    const text = x.length > 1000 ? x : toUnicode(x);
    const point = text.codePointAt(0);
    if (point === undefined || text.length !== (point > 0xffff ? 2 : 1)) {
      const count = text.length > 1000 ? 'more than 1000' : [...text].length;
      throw new StarlarkError('VALUE', `ord: string encodes ${count} Unicode code points, want 1`);
    }
    return point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
  }
  if (!(x instanceof StarlarkBytes))
    throw new StarlarkError('TYPE', `ord: got ${typeName(x)}, want string or bytes`, [`value: ${shortRepr(x)}`]);
  if (x.data.length !== 1) throw new StarlarkError('VALUE', `ord: bytes has length ${x.data.length}, want 1`);
  return x.data[0]!;
}

export function hash(x: Value): number {
  if (typeof x === 'string') {
    tick(x.length >> 4);
    return javaStringHash(toUnicode(x));
  }
  if (x instanceof StarlarkBytes) return fnvHash(x.data);
  throw new StarlarkError('TYPE', `hash: got ${typeName(x)}, want string or bytes`, [`value: ${shortRepr(x)}`]);
}

/** The arguments as text, with `separator` between them. */
function joinArguments(name: string, args: readonly Value[], separator: Value): string {
  const by = expectString(name, '"sep"', separator);
  let length = 0;
  const parts = args.map((argument) => {
    const part = str(argument);
    length += part.length + by.length;
    return part;
  });
  reserveString(length);
  return parts.join(by);
}

export function print(args: readonly Value[], separator: Value = ' '): null {
  services().print(toUnicode(joinArguments('print', args, separator)));
  return null;
}

export function fail(args: readonly Value[], separator: Value = ' '): never {
  throw new StarlarkError('FAIL', `fail: ${toUnicode(joinArguments('fail', args, separator))}`);
}
