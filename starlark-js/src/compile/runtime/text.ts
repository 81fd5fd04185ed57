import { formatPercent } from '../../value/format-percent.ts';
import { reserveString } from '../../value/reserve.ts';
import { StarlarkTuple } from '../../value/tuple.ts';
import type { Value } from '../../value/value.ts';

export { display, repr } from '../../value/repr.ts';

/** What `%d` gives. */
export function decimal(v: Value): string {
  if (typeof v === 'number' && v === Math.trunc(v)) return `${v}`;
  return formatPercent('%d', new StarlarkTuple([v]));
}

/** Charges for a text that was put together. */
export function reserved(text: string): string {
  reserveString(text.length);
  return text;
}
