import type { ErrorCode, Failure } from '@clay/sdk';
import { jsonField } from '../json-field.ts';

const firstDelayMs = 1_000;
const longestDelayMs = 300_000;
/** Each delay is spread over this share of itself, so that chats do not come back at one moment. */
const spread = 0.5;

/** What a failed send means for its part: another try, the end of the part, or the end of the whole message. */
export type Verdict =
  | { readonly kind: 'retry'; readonly delayMs: number; readonly isDoubtful: boolean }
  | { readonly kind: 'give-up-part' }
  | { readonly kind: 'give-up-message' };

/** The same text will not fit better at the next try. */
const partFaults: ReadonlySet<ErrorCode> = new Set(['BAD_ARGUMENTS', 'TOO_LARGE', 'NOT_CLONEABLE']);
/** The chat takes nothing from us. */
const chatFaults: ReadonlySet<ErrorCode> = new Set(['REFUSED', 'NOT_FOUND']);
/** The part may have arrived all the same. */
const unknownOutcomes: ReadonlySet<ErrorCode> = new Set(['CALL_OUTCOME_UNKNOWN', 'TIMEOUT', 'CANCELLED']);

/** Whether a send that ended so may have reached the person. */
export function isOutcomeUnknown(code: ErrorCode): boolean {
  return unknownOutcomes.has(code);
}

export function judgeFailure(failure: Failure, attempts: number, random: () => number): Verdict {
  if (partFaults.has(failure.code)) return { kind: 'give-up-part' };
  if (chatFaults.has(failure.code)) return { kind: 'give-up-message' };
  const grown = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempts - 1, 20));
  const delayMs = Math.max(askedDelayMs(failure), Math.round(grown * (1 - spread / 2 + spread * random())));
  return { kind: 'retry', delayMs, isDoubtful: isOutcomeUnknown(failure.code) };
}

/** `retryAfterMs` in the data of the failure: what the chat service asked for. */
function askedDelayMs({ data }: Failure): number {
  const asked = jsonField(data, 'retryAfterMs');
  return typeof asked === 'number' && Number.isFinite(asked) && asked > 0 ? asked : 0;
}
