import type { CallSession, Failure, Json } from '@clay/sdk';

/** The durable record of states, calls and crashes. Everything is written before it is acted on. */
export interface Journal {
  readonly calls: CallJournal;
  readonly generations: GenerationJournal;
  /** What the operator has to know about the opening, such as a damaged file set aside. Usually empty. */
  readonly notices: readonly string[];
  /** Removes what is older than the retention; gives the number of rows. */
  prune(): number;
  close(): void;
}

export interface CallJournal {
  /** Writes the row of a call that is about to be sent. */
  begin(call: BegunCall): void;
  /** The call goes out again: to another generation, or after its first process died. */
  retry(id: string, generation: number, attempt: number): void;
  /** `value` is what a repeated key returns; undefined for a call without a key, whose value nobody asks for again. */
  done(id: string, value: Json | undefined): void;
  failed(id: string, failure: Failure): void;
  get(id: string): CallRow | undefined;
  /** The newest try with this key. */
  byKey(capability: string, key: string): CallRow | undefined;
  /** Newest first. */
  recent(limit: number): readonly CallRow[];
}

export interface BegunCall {
  readonly id: string;
  /** Null: no repeat is expected, and no result is kept. */
  readonly key: string | null;
  readonly capability: string;
  readonly plugin: string;
  readonly generation: number;
  readonly caller: string;
  readonly session: CallSession | null;
  /** JSON text, already redacted. */
  readonly args: string;
}

/** `unknown`: the process died, or never answered, after the call had been sent. */
export type CallState = 'begun' | 'done' | 'failed' | 'unknown';

export interface CallRow extends BegunCall {
  readonly state: CallState;
  readonly attempt: number;
  readonly value: Json | null;
  readonly failure: Failure | null;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  readonly endedAt: number | null;
}

export interface GenerationJournal {
  /** Writes a transition, and the pointer in the same transaction when `current` says so. */
  move(move: GenerationMove): void;
  /** Writes what was decided in one transaction: the transitions, and all that is known of these plugins afterwards. */
  decided(moves: readonly GenerationMove[], histories: ReadonlyMap<string, Json>): void;
  /** What was known when the last decision was written, by plugin; under an empty name what belongs to none. */
  histories(): ReadonlyMap<string, Json>;
  /** The generation that the pointer of a plugin names. */
  current(plugin: string): number | undefined;
  /** Newest first. */
  history(plugin: string, limit: number): readonly GenerationRow[];
  crash(crash: Crash): void;
  crashes(plugin: string, since: number): readonly CrashRow[];
  leased(lease: string, plugin: string, generation: number): void;
  released(lease: string): void;
}

export interface GenerationMove {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly state: string;
  readonly reason: string;
  /** Point at this generation; null: point at none. Absent: the pointer stays. */
  readonly current?: number | null;
}

export interface GenerationRow extends Omit<GenerationMove, 'current'> {
  readonly at: number;
}

export interface Crash {
  readonly plugin: string;
  readonly generation: number;
  readonly hash: string;
  readonly phase: string;
  /** The same for the same fault: crashes are counted by it. */
  readonly signature: string;
  readonly message: string;
}

export interface CrashRow extends Crash {
  readonly at: number;
}
