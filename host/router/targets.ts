import type { Json } from '@clay/sdk';
import type { CallOut } from '@clay/sdk/wire';

/** A generation that can take calls, as the router sees it. */
export interface Target {
  readonly generation: number;
  call(call: CallOut): Promise<Json>;
  /** Lets a streaming call send more items. */
  credit(id: string, count: number): void;
}

/** Which generation of each plugin takes calls now. */
export interface Targets {
  /** Throws `UNAVAILABLE` or `PLUGIN_QUARANTINED` with the reason when none does. */
  find(plugin: string): Target;
  /** Resolves when one takes calls again, or never will; null when one does, or nothing is on its way. */
  coming(plugin: string): Promise<void> | null;
}
