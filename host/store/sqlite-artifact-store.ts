import { ClayError, type Clock, type JsonObject } from '@clay/sdk';
import type { Artifact, ArtifactContent, ArtifactKey, ArtifactStore, ArtifactVersion } from './artifact-store.ts';
import type { Connection } from './connection.ts';
import { param, Query, queries } from './queries.ts';
import type { SessionKey } from './session-store.ts';
import type { ArtifactRow } from './tables.ts';

/** Of one version. A larger thing belongs into a file. */
export const maxArtifactBytes = 32 * 1024 * 1024;
const maxNameLength = 512;

type Queries = ReturnType<typeof prepareQueries>;

function prepareQueries(connection: Connection) {
  const owner = { app: param<string>('app'), user: param<string>('user'), session: param<string>('session') };
  const name = param<string>('name');
  const rows = queries
    .selectFrom('artifacts')
    .where('app', '=', owner.app)
    .where('user', '=', owner.user)
    .where('session', '=', owner.session);
  const versions = rows.where('name', '=', name);
  return {
    insert: new Query(
      connection,
      queries.insertInto('artifacts').values({
        ...owner,
        name,
        version: param('version'),
        mime_type: param('mimeType'),
        is_text: param('isText'),
        size_bytes: param('sizeBytes'),
        metadata: param('metadata'),
        created_at: param('at'),
        body: param<string | Uint8Array>('body'),
      }),
    ),
    newest: new Query(connection, versions.selectAll().orderBy('version', 'desc').limit(1)),
    version: new Query(connection, versions.selectAll().where('version', '=', param<number>('version'))),
    newestVersion: new Query(
      connection,
      versions.select((e) => e.fn.max<number | null>('version').as('version')),
    ),
    versions: new Query(
      connection,
      versions.select(['name', 'version', 'mime_type', 'size_bytes', 'created_at', 'metadata']).orderBy('version'),
    ),
    names: new Query(connection, rows.select('name').distinct()),
    delete: new Query(
      connection,
      queries
        .deleteFrom('artifacts')
        .where('app', '=', owner.app)
        .where('user', '=', owner.user)
        .where('session', '=', owner.session)
        .where('name', '=', name),
    ),
  };
}

export class SqliteArtifactStore implements ArtifactStore {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #queries: Queries;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    this.#queries = prepareQueries(connection);
  }

  save(key: ArtifactKey, content: ArtifactContent, metadata: JsonObject = {}): ArtifactVersion {
    const owner = ownerOf(key);
    const isText = 'text' in content;
    const body = isText ? content.text : content.bytes;
    const sizeBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    if (sizeBytes > maxArtifactBytes) {
      throw new ClayError(
        'TOO_LARGE',
        `The artifact "${key.name}" has ${sizeBytes} bytes; at most ${maxArtifactBytes} are kept. Write it to a file instead.`,
      );
    }
    const mimeType = content.mimeType ?? 'text/plain';
    return this.#connection.transaction(() => {
      const version = (this.#queries.newestVersion.get(owner)?.version ?? -1) + 1;
      const at = this.#clock.now();
      this.#queries.insert.run({
        ...owner,
        version,
        mimeType,
        isText: isText ? 1 : 0,
        sizeBytes,
        metadata: JSON.stringify(metadata),
        at,
        body,
      });
      return { name: key.name, version, mimeType, sizeBytes, createdAt: at, metadata };
    });
  }

  load(key: ArtifactKey, version?: number): Artifact | undefined {
    const owner = ownerOf(key);
    const row =
      version === undefined ? this.#queries.newest.get(owner) : this.#queries.version.get({ ...owner, version });
    return row === undefined ? undefined : { ...toVersion(row), content: toContent(row) };
  }

  slice(key: ArtifactKey, range: { readonly start: number; readonly length: number; readonly version?: number }) {
    const content = this.load(key, range.version)?.content;
    if (content === undefined) return undefined;
    if (!('text' in content)) {
      throw new ClayError('BAD_ARGUMENTS', `The artifact "${key.name}" holds bytes (${content.mimeType}), not text.`);
    }
    const { text } = content;
    return { text: text.slice(range.start, range.start + range.length), totalLength: text.length };
  }

  list(session: SessionKey): readonly string[] {
    const { app, user } = session;
    const own = this.#queries.names.all({ app, user, session: session.session });
    const ofUser = this.#queries.names.all({ app, user, session: '' });
    return [...own, ...ofUser].map((row) => row.name).sort();
  }

  versions(key: ArtifactKey): readonly ArtifactVersion[] {
    return this.#queries.versions.all(ownerOf(key)).map(toVersion);
  }

  delete(key: ArtifactKey): boolean {
    return this.#queries.delete.run(ownerOf(key)).changes > 0;
  }
}

function ownerOf(key: ArtifactKey) {
  const { app, user, name } = key;
  checkName(name);
  return { app, user, session: name.startsWith('user:') ? '' : key.session, name };
}

/** A name may become part of a URL or of a file's name elsewhere, so it is safe as both. */
function checkName(name: string): void {
  const reason =
    name === '' || name === 'user:'
      ? 'it is empty'
      : name.length > maxNameLength
        ? `it is longer than ${maxNameLength} characters`
        : /\p{Cc}/u.test(name)
          ? 'it holds a control character'
          : name.includes('\\') || name.startsWith('/') || name.split('/').some((part) => part === '..' || part === '.')
            ? 'it leads out of its folder'
            : null;
  if (reason !== null) {
    throw new ClayError(
      'BAD_ARGUMENTS',
      `The artifact name ${JSON.stringify(name.slice(0, 80))} cannot be used: ${reason}.`,
    );
  }
}

type VersionRow = Pick<ArtifactRow, 'name' | 'version' | 'mime_type' | 'size_bytes' | 'created_at' | 'metadata'>;

function toVersion(row: VersionRow): ArtifactVersion {
  return {
    name: row.name,
    version: row.version,
    mimeType: row.mime_type,
    sizeBytes: row.size_bytes,
    createdAt: row.created_at,
    metadata: JSON.parse(row.metadata) as JsonObject,
  };
}

function toContent(row: Pick<ArtifactRow, 'body' | 'mime_type'>): ArtifactContent {
  return typeof row.body === 'string'
    ? { text: row.body, mimeType: row.mime_type }
    : { bytes: row.body, mimeType: row.mime_type };
}
