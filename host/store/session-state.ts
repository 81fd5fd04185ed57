import { ClayError, type Json, type JsonObject } from '@clay/sdk';

export type StateScope = 'app' | 'user' | 'session';

/** A delta parted by scope. Names are without their prefix. */
export type ScopedDelta = Readonly<Record<StateScope, JsonObject>>;

const prefixes = { app: 'app:', user: 'user:' } as const;

/** Parts a delta by scope; `temp:` keys live for one turn and are dropped. */
export function partDelta(delta: JsonObject): ScopedDelta {
  const parts: Record<StateScope, Record<string, Json>> = { app: {}, user: {}, session: {} };
  for (const [key, value] of Object.entries(delta)) {
    if (key.startsWith('temp:') || value === undefined) continue;
    const { scope, name } = scopeOf(key);
    if (name === '__proto__' || name === '') {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The session state cannot hold the key ${JSON.stringify(key)}: choose another name.`,
      );
    }
    parts[scope][name] = value;
  }
  return parts;
}

/** The state key of a name within its scope. */
export function stateKey(scope: StateScope, name: string): string {
  return scope === 'session' ? name : prefixes[scope] + name;
}

function scopeOf(key: string): { scope: StateScope; name: string } {
  if (key.startsWith(prefixes.app)) return { scope: 'app', name: key.slice(prefixes.app.length) };
  if (key.startsWith(prefixes.user)) return { scope: 'user', name: key.slice(prefixes.user.length) };
  return { scope: 'session', name: key };
}

/** The event without `temp:` keys in its delta. The given object stays as it is. */
export function withoutTemporary<
  E extends { readonly actions?: { readonly stateDelta?: JsonObject | undefined } | undefined },
>(event: E): E {
  const delta = event.actions?.stateDelta;
  if (delta === undefined || !Object.keys(delta).some((key) => key.startsWith('temp:'))) return event;
  const kept = Object.fromEntries(Object.entries(delta).filter(([key]) => !key.startsWith('temp:')));
  return { ...event, actions: { ...event.actions, stateDelta: kept } };
}
