export function roll(sides: number): number {
  return 1 + Math.floor(Math.random() * sides);
}
