import { tick } from '../meter.ts';

/**
 * Order of strings by code point, which is UTF-8's order. It differs from the order of UTF-16 code units only where
 * a surrogate meets a unit from U+E000 on: the surrogate stands for a code point above the whole basic plane.
 */
export function compareStrings(a: string, b: string): number {
  const size = Math.min(a.length, b.length);
  for (let i = 0; i < size; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      if (i > 1024) tick(i >> 5);
      return x >= 0xd800 && y >= 0xd800 ? rank(x) - rank(y) : x - y;
    }
  }
  if (size > 1024) tick(size >> 5);
  return a.length - b.length;
}

function rank(unit: number): number {
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
