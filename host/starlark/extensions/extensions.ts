import type { CallSession, Json, JsonObject } from '@clay/sdk';
import type { Admission } from '../../medic/generations/medic.ts';
import type { ScriptReport } from '../script/report.ts';

/** The `.star` files of a claw: what was saved, what serves, and how one comes to be the other. */
export interface Extensions {
  /**
   * Looks through the folder, deploys what differs from what serves, retires what has no file any more, and watches from
   * then on. Resolves when all that was found has been dealt with. Never throws for a script.
   */
  start(): Promise<void>;
  /** Sorted by name. */
  list(): Promise<readonly ExtensionStatus[]>;
  /** Calls an extension's `run`: what it printed and its result. Throws `NOT_FOUND`, naming what there is. */
  run(name: string, args: JsonObject, caller: RunCaller): Promise<Json>;
  /** Says what is wrong with a source, and changes nothing. */
  check(name: string, source: string, signal?: AbortSignal): Promise<ScriptReport>;
  /** Checks a source, saves it when it is good, and waits until it serves or is known not to. */
  write(name: string, source: string, author?: Author): Promise<WriteResult>;
  /** Checks the file as it lies there, tests included. Throws `NOT_FOUND`. */
  test(name: string, signal?: AbortSignal): Promise<ScriptReport>;
  close(): Promise<void>;
}

/** Whose call a run serves. */
export interface RunCaller {
  readonly caller: string;
  readonly session?: CallSession | null;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface Author {
  readonly session?: CallSession | null;
  /** Stands in the journal. Default: that it was saved. */
  readonly reason?: string;
  readonly signal?: AbortSignal;
}

export interface WriteResult {
  readonly report: ScriptReport;
  /** Null: it was not saved. */
  readonly admission: Admission | null;
}

export interface ExtensionStatus {
  readonly name: string;
  readonly description: string;
  /** Names of the agent's tools that it provides. */
  readonly tools: readonly string[];
  /** Whether `extension_run` can call it. */
  readonly hasRun: boolean;
  /** Of its newest generation that matters: what serves, else the last that was tried; `refused` when none ever was. */
  readonly state: string;
  /** Null: nothing of it serves. */
  readonly generation: number | null;
  /** What is wrong with its file or its last generation, complete; null: nothing. */
  readonly lastError: string | null;
}

/** The end of one save. */
export interface SaveReport {
  readonly name: string;
  /** It serves, or did already. */
  readonly isGood: boolean;
  readonly generation: number | null;
  readonly state: Admission['state'] | 'refused' | 'retired';
  /** For the author: complete. */
  readonly text: string;
  readonly session: CallSession | null;
}
