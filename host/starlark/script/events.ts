import type { EventName } from '@clay/sdk';

const events: Readonly<Record<EventName, true>> = {
  'turn.started': true,
  'turn.ended': true,
  message: true,
  'generation.changed': true,
  'session.compacted': true,
};

/** The events that a script can hear. */
export const eventNames = Object.keys(events) as readonly EventName[];

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name);
}
