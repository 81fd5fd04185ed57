import type { Json, JsonObject } from '@clay/sdk';
import type { EventJson } from '../../agent/event-json.ts';
import { callKey } from '../../agent/sessions/repair.ts';
import type { CallRow } from '../../journal/journal.ts';
import type { DeliveryParts } from '../delivery-parts.ts';

const shownArguments = 100;

/**
 * What the tools of a turn did that a rewind does not undo, one line each: the calls that the journal knows as begun, other
 * than those that only look.
 */
export function effectsOf(
  events: readonly EventJson[],
  turn: string,
  { registry, calls }: Pick<DeliveryParts, 'registry' | 'calls'>,
): string[] {
  const made = events.flatMap(({ content }) =>
    (content?.parts ?? []).flatMap(({ functionCall }) => functionCall ?? []),
  );
  return made.flatMap(({ id, name = '', args = {} }) => {
    const capability = `tool:${name}`;
    if (onlyLooks(registry.get(capability)?.details.readOnly, args as JsonObject)) return [];
    const row = calls.byKey(capability, callKey(turn, id));
    return row === undefined ? [] : [describe(name, row)];
  });
}

/** As its tool declared it: always, or when each named parameter has one of the values. */
function onlyLooks(readOnly: Json | undefined, args: JsonObject): boolean {
  if (typeof readOnly !== 'object' || readOnly === null) return readOnly === true;
  const conditions = Object.entries(readOnly);
  const isMet = ([name, values]: [string, Json]) => Array.isArray(values) && values.includes(args[name] ?? null);
  return conditions.length > 0 && conditions.every(isMet);
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
