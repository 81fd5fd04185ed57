/** A 32-bit hash of any number, integral or not. Equal ints and floats agree, however they are represented. */
export function hashNumber(x: number): number {
  const low = x | 0;
  if (low === x) return Math.imul(low, 0x9e3779b1);
  if (x - x !== 0) return x > 0 ? 314159 : x < 0 ? -314159 : 271828;
  if (x === Math.trunc(x)) return hashBigInt(BigInt(x));
  return Math.imul(low ^ ((x - Math.trunc(x)) * 0xffffffff), 0x9e3779b1);
}

export function hashBigInt(x: bigint): number {
  return Math.imul(Number(BigInt.asIntN(32, x ^ (x >> 32n))), 0x9e3779b1);
}
