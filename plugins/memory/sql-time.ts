/** A moment as SQLite's `CURRENT_TIMESTAMP` writes it, so that old and new rows compare as texts. */
export function toSqlTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

/** Milliseconds since the epoch, or null when the text is no time. Reads what SQLite, Go and JavaScript have written. */
export function parseSqlTime(text: string): number | null {
  const match = text.match(/^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)\s*(Z|UTC|[+-]\d\d:?\d\d)?/);
  if (match === null) return null;
  const zone = match[3] === undefined || match[3] === 'UTC' ? 'Z' : match[3];
  const time = Date.parse(`${match[1]}T${match[2]}${zone}`);
  return Number.isNaN(time) ? null : time;
}
