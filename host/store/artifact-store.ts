import type { JsonObject } from '@clay/sdk';
import type { SessionKey } from './session-store.ts';

/**
 * Names one artifact of a session. A name that begins with `user:` belongs to the user and is seen from all of the user's
 * sessions.
 */
export interface ArtifactKey extends SessionKey {
  readonly name: string;
}

export type ArtifactContent =
  | { readonly text: string; readonly mimeType?: string | undefined }
  | { readonly bytes: Uint8Array; readonly mimeType: string };

export interface ArtifactVersion {
  readonly name: string;
  /** 0 for the first. */
  readonly version: number;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly metadata: JsonObject;
}

export interface Artifact extends ArtifactVersion {
  readonly content: ArtifactContent;
}

/** Versioned texts and bytes, kept in the database so that one backup holds everything. */
export interface ArtifactStore {
  /** Stores a new version. Throws `BAD_ARGUMENTS` for an unsafe name and `TOO_LARGE` beyond the limit. */
  save(key: ArtifactKey, content: ArtifactContent, metadata?: JsonObject): ArtifactVersion;
  /** Default: the newest version. */
  load(key: ArtifactKey, version?: number): Artifact | undefined;
  /** A part of a text artifact, by UTF-16 code units, for a reader that pages. */
  slice(
    key: ArtifactKey,
    range: { readonly start: number; readonly length: number; readonly version?: number },
  ): { readonly text: string; readonly totalLength: number } | undefined;
  /** Names, sorted; those of the user included. */
  list(session: SessionKey): readonly string[];
  /** Oldest first. */
  versions(key: ArtifactKey): readonly ArtifactVersion[];
  /** All versions. False when there was none. */
  delete(key: ArtifactKey): boolean;
}
