import type { ErrorCode, JsonObject, Manifest } from '@clay/sdk';
import type { Fault } from '@clay/sdk/wire';
import type { Transport } from './transport.ts';

/** One immutable build of a plugin that can be started: again and again, here or after a restart of the host. */
export interface Build {
  readonly plugin: string;
  /** Of everything that makes it what it is; the same build has the same hash. */
  readonly hash: string;
  readonly manifest: Manifest;
  readonly origin: BuildOrigin;
  /** What ships under this name and is replaced by it: it gets no right beyond. Absent: nothing does. */
  readonly replaces?: Manifest;
  /** The type check that runs beside staging and gates the commit. Absent: there is nothing to check. */
  readonly check?: Promise<CheckVerdict | null>;
  /** Writes it where a later host finds it under its number. Absent: it comes with the image. */
  readonly keep?: (generation: number) => Promise<void>;
  /** A line to a new life of it. Nothing runs before the line is opened. */
  transport(life: BuildLife): BuildTransport;
}

/** `image`: ships with the host. `volume`: built from `data/plugins`. `extension`: a `.star` file. */
export type BuildOrigin = 'image' | 'volume' | 'extension';

/** What a check has found; null instead when newer sources took its place, and nobody knows. */
export interface CheckVerdict {
  readonly isPassed: boolean;
  /** For the author: whole. */
  readonly reason: string;
}

/** What a life of a build is started with. */
export interface BuildLife {
  readonly generation: number;
  /** Effective, not declared. */
  readonly permissions: readonly string[];
  /** Its process has ended, unless that was asked for. Called before open calls fail. */
  readonly onDeath: (death: Death) => void;
}

export interface BuildTransport extends Transport {
  /** Resolves when nothing of it is left. */
  ended(): Promise<void>;
}

/** The end of what ran a generation. */
export interface Death {
  readonly code: ErrorCode;
  /** One sentence for a person or a model. */
  readonly message: string;
  /** The same for the same fault. */
  readonly signature: string;
  /** `file:line:column` in the author's source. */
  readonly location: string | null;
  /** How long it had lived. */
  readonly livedMs: number;
  /** False: it went with somebody else's fault, and starts again without a mark. */
  readonly isBlamed: boolean;
  /** What the plugin told before it ended. */
  readonly fault: Fault | null;
  /** For the crash log: last output, signal, report, memory. */
  readonly details: JsonObject;
}
