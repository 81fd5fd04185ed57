import { areByteStrings } from '../value/string-unit.ts';

/*
 * Unicode's White_Space, which is what `isspace`, `strip` and `split` go by. Where strings are made of bytes, a space
 * beyond ASCII is two or three of them.
 */

/** The length of the space at a position; 0 when there is none. */
export function spaceAt(s: string, at: number): number {
  const unit = s.charCodeAt(at);
  if (unit < 0x80) return isAsciiSpace(unit) ? 1 : 0;
  if (!areByteStrings()) return isWideSpace(unit) ? 1 : 0;
  if (unit === 0xc2) return isWideSpace(s.charCodeAt(at + 1)) ? 2 : 0;
  return isWideSpace(threeBytes(s, at)) ? 3 : 0;
}

/** The length of the space that ends at a position; 0 when there is none. */
export function spaceBefore(s: string, at: number): number {
  const unit = s.charCodeAt(at - 1);
  if (unit < 0x80) return isAsciiSpace(unit) ? 1 : 0;
  if (!areByteStrings()) return isWideSpace(unit) ? 1 : 0;
  if (at >= 2 && s.charCodeAt(at - 2) === 0xc2) return isWideSpace(unit) ? 2 : 0;
  return at >= 3 && isWideSpace(threeBytes(s, at - 3)) ? 3 : 0;
}

function isAsciiSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d);
}

function isWideSpace(point: number): boolean {
  return (
    point === 0x85 ||
    point === 0xa0 ||
    point === 0x1680 ||
    (point >= 0x2000 && point <= 0x200a) ||
    point === 0x2028 ||
    point === 0x2029 ||
    point === 0x202f ||
    point === 0x205f ||
    point === 0x3000
  );
}

/** The code point that three bytes of UTF-8 spell; -1 for other bytes. */
function threeBytes(s: string, at: number): number {
  const [a, b, c] = [s.charCodeAt(at), s.charCodeAt(at + 1), s.charCodeAt(at + 2)];
  if ((a & 0xf0) !== 0xe0 || (b & 0xc0) !== 0x80 || (c & 0xc0) !== 0x80) return -1;
  return ((a & 0x0f) << 12) | ((b & 0x3f) << 6) | (c & 0x3f);
}
