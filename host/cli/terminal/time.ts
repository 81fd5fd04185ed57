/** `2026-11-23 03:05:47`, in UTC as everywhere in Clay. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

/** `03:05:47`. */
export function formatTimeOfDay(ms: number): string {
  return formatTime(ms).slice(11);
}
