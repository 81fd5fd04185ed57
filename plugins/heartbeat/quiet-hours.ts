/** `22:00` to `07:00`, in the claw's time zone; the end is not quiet any more. */
export interface QuietHours {
  readonly from: string;
  readonly to: string;
}

export function isQuiet(now: number, { from, to }: QuietHours): boolean {
  const date = new Date(now);
  const minute = date.getHours() * 60 + date.getMinutes();
  const [start, end] = [minuteOf(from), minuteOf(to)];
  return start <= end ? minute >= start && minute < end : minute >= start || minute < end;
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
