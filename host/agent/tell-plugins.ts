import type { EventName, Events, Log } from '@clay/sdk';

export interface PluginEars {
  readonly emit: <E extends EventName>(event: E, payload: Events[E]) => Promise<void>;
  readonly log: Log;
}

/** Tells the plugins without waiting for them: a slow or broken listener never holds up a turn. */
export function tellPlugins<E extends EventName>({ emit, log }: PluginEars, event: E, payload: Events[E]): void {
  emit(event, payload).catch((thrown: unknown) => {
    log.error('event.failed', { event, error: thrown instanceof Error ? thrown.message : String(thrown) });
  });
}
