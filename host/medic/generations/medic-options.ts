import type { CallSession, Clock, Log } from '@clay/sdk';
import type { Build, Death } from '../../generations/build.ts';
import type { PluginFailure } from '../../generations/plugin-failure.ts';
import type { GenerationState } from '../../generations/state.ts';
import type { GenerationJournal } from '../../journal/journal.ts';
import type { LeaseTable } from '../../leases/lease-table.ts';
import type { CapabilityTable } from '../../registry/capability-table.ts';
import type { MedicEvent } from '../event.ts';
import type { Rules } from '../rules.ts';
import type { Life, MakeGeneration } from './life.ts';
import type { Surroundings } from './staging.ts';

export interface MedicOptions {
  readonly journal: GenerationJournal;
  readonly clock: Clock;
  readonly log: Log;
  readonly table: CapabilityTable;
  readonly leases: LeaseTable;
  readonly make: MakeGeneration;
  readonly migrate: Surroundings['migrate'];
  readonly checkDetails: Surroundings['checkDetails'];
  /** A build that was kept for a later host. Throws when it is damaged or gone. */
  readonly load: (plugin: string, generation: number) => Promise<Build>;
  readonly data: DataKeeper;
  /** These generations are not returned to any more. */
  readonly forget: (plugin: string, generations: readonly number[]) => void;
  /** Writes the log that author and agent read. */
  readonly report: (incident: Incident) => void;
  /** A place in the author's source, as the author knows it. Default: as it is. */
  readonly place?: (location: string) => string;
  /** Another build of a plugin serves from now on; null: none does. Default: nobody has to know. */
  readonly onServing?: (plugin: string, build: Build | null) => void;
  readonly rules?: Partial<Rules>;
  /** Generations that are remembered of each plugin. Default 10. */
  readonly keep?: number;
}

/** Copies of what plugins store. */
export interface DataKeeper {
  /** Copies the plugin's data as it is before this generation writes to it. */
  take(build: Build, generation: number): void;
  /** Puts back what was taken before this generation. Throws `NOT_FOUND` when nothing was. */
  restore(build: Build, generation: number): void;
  /** Removes the copies up to this generation. */
  drop(plugin: string, generation: number): void;
}

/** Something went wrong with a generation. */
export interface Incident {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly category: 'stage' | 'crash' | 'check' | 'probe' | 'rollback';
  readonly message: string;
  readonly location: string | null;
  readonly death: Death | null;
  readonly session: CallSession | null;
}

/** Whether a boot follows a death, and of what kind. */
export type LastHost = Omit<Extract<MedicEvent, { type: 'boot' }>, 'type'>;

/** What the kernel shows of a plugin. */
export interface PluginView {
  readonly build: Build | null;
  readonly life: Life | null;
  readonly generation: number;
  readonly state: GenerationState;
  readonly failure: PluginFailure | null;
}
