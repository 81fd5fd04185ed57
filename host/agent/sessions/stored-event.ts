import type { SessionStore, EventJson as StoreEvent } from '../../store/session-store.ts';
import type { EventJson } from '../event-json.ts';
import type { LiveSession } from './live-session.ts';

/** Commits one event, then lets the live window have it. */
export function storeEvent(store: SessionStore, live: LiveSession, event: EventJson): void {
  store.append(live.key, toStoreEvent(event));
  live.append(event);
  for (const [name, value] of Object.entries(event.actions.stateDelta)) {
    // Defined, not assigned: a name such as `__proto__` must stay a name.
    Object.defineProperty(live.state, name, { value, writable: true, enumerable: true, configurable: true });
  }
}

/** The store keeps any JSON; its type asks for less than ours and has an index signature. */
export function toStoreEvent(event: EventJson): StoreEvent {
  return { ...event, author: event.author ?? 'agent' } as unknown as StoreEvent;
}
