const units: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** Milliseconds of `2h`, `1h30m`, `every 90m`; null for a text that is no duration. */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim().replace(/^every\s+/i, '');
  if (!/^(\d+(\.\d+)?[smhd]\s*)+$/.test(trimmed)) return null;
  let ms = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)) {
    ms += Number(count) * (units.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return Math.round(ms);
}

export function formatDuration(ms: number): string {
  let left = Math.max(0, ms);
  let text = '';
  for (const [name, unitMs] of units) {
    const count = Math.floor(left / unitMs);
    if (count > 0) text += `${count}${name}`;
    left -= count * unitMs;
  }
  return text || '0s';
}
