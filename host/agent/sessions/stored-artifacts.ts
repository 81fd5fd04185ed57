import { ClayError } from '@clay/sdk';
import type { ArtifactStore } from '../../store/artifact-store.ts';
import type { SessionStore } from '../../store/session-store.ts';
import type { Artifacts, SessionKey } from '../agent-host.ts';
import type { Part } from '../event-json.ts';
import { sessionNotFound } from './live-sessions.ts';
import { storeKey } from './stored-sessions.ts';

/** The artifacts as the ADK API shows them. */
export class StoredArtifacts implements Artifacts {
  readonly #artifacts: ArtifactStore;
  readonly #sessions: SessionStore;

  constructor(artifacts: ArtifactStore, sessions: SessionStore) {
    this.#artifacts = artifacts;
    this.#sessions = sessions;
  }

  names(key: SessionKey): readonly string[] {
    this.#check(key);
    return this.#artifacts.list(storeKey(key));
  }

  versions(key: SessionKey, name: string): readonly number[] {
    this.#check(key);
    const versions = this.#artifacts.versions({ ...storeKey(key), name });
    if (versions.length === 0) throw notFound(key, name);
    return versions.map(({ version }) => version);
  }

  load(key: SessionKey, name: string, version?: number): Part {
    this.#check(key);
    const artifact = this.#artifacts.load({ ...storeKey(key), name }, version);
    if (!artifact) throw notFound(key, name, version);
    const { content } = artifact;
    if ('text' in content) return { text: content.text };
    return { inlineData: { mimeType: content.mimeType, data: Buffer.from(content.bytes).toString('base64') } };
  }

  delete(key: SessionKey, name: string): void {
    this.#check(key);
    if (!this.#artifacts.delete({ ...storeKey(key), name })) throw notFound(key, name);
  }

  #check(key: SessionKey): void {
    if (!this.#sessions.get(storeKey(key), 'none')) throw sessionNotFound(storeKey(key));
  }
}

function notFound({ id }: SessionKey, name: string, version?: number): ClayError {
  const which = version === undefined ? '' : ` with version ${version}`;
  return new ClayError('NOT_FOUND', `There is no artifact "${name}"${which} in session "${id}".`);
}
