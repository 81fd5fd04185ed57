/** A moment as part of a file's name: `20260310T142233123Z`, sortable, safe on every file system. */
export function timeStamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:.]/g, '');
}

/** The moment of a stamp, or null when the text is none. */
export function parseTimeStamp(stamp: string): number | null {
  const match = stamp.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, ms] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? null : time;
}
