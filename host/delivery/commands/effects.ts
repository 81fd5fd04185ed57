import type { EventJson } from '../../agent/event-json.ts';
import { callKey } from '../../agent/sessions/repair.ts';
import type { CallRow } from '../../journal/journal.ts';
import type { DeliveryParts } from '../delivery-parts.ts';

const shownArguments = 100;

/**
 * What the tools of a turn did that a rewind does not undo, one line each: the calls that the journal knows as begun, other
 * than those of tools that may be repeated without harm, which only look.
 */
export function effectsOf(
  events: readonly EventJson[],
  turn: string,
  { registry, calls }: Pick<DeliveryParts, 'registry' | 'calls'>,
): string[] {
  const made = events.flatMap(({ content }) =>
    (content?.parts ?? []).flatMap(({ functionCall }) => functionCall ?? []),
  );
  return made.flatMap(({ id, name = '' }) => {
    const capability = `tool:${name}`;
    if (registry.get(capability)?.details.idempotent === true) return [];
    const row = calls.byKey(capability, callKey(turn, id));
    return row === undefined ? [] : [describe(name, row)];
  });
}

function describe(name: string, { args, state }: CallRow): string {
  const shown = args.length <= shownArguments ? args : `${args.slice(0, shownArguments)}…`;
  switch (state) {
    case 'done':
      return `\`${name}\` ${shown}`;
    case 'failed':
      return `\`${name}\` ${shown} – it failed, perhaps after a part of its work`;
    case 'begun':
    case 'unknown':
      return `\`${name}\` ${shown} – whether it took effect is unknown`;
  }
}
