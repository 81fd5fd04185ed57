import type { Clock, EventName, Events, Log } from '@clay/sdk';
import type { CallJournal } from '../journal/journal.ts';
import type { Registry } from '../registry/registry.ts';
import type { Router } from '../router/router.ts';
import type { Store } from '../store/store.ts';

/** What delivery needs of the rest of the host. */
export interface DeliveryParts {
  readonly store: Pick<
    Store,
    'conversations' | 'inbox' | 'outbox' | 'questions' | 'sessions' | 'artifacts' | 'usage' | 'settings' | 'transaction'
  >;
  readonly registry: Registry;
  readonly router: Router;
  /** Says which tool calls of a turn were begun. */
  readonly calls: Pick<CallJournal, 'byKey'>;
  /** Delivers an event to the plugins; never rejects. */
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** From 0 up to 1: spreads retries. */
  readonly random: () => number;
}
