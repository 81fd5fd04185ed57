import { createHash } from 'node:crypto';
import { ClayError, type Clock, type Migration } from '@clay/sdk';
import type { Connection } from './connection.ts';
import { hostMigrations } from './host-migrations.ts';
import { StoreError } from './store-error.ts';

/** Brings the host's own tables up to date. All steps are one transaction: a failed upgrade leaves the old schema. */
export function migrateHost(connection: Connection, clock: Clock): void {
  connection.transaction(() => {
    connection.exec(
      'CREATE TABLE IF NOT EXISTS host_migrations (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT, WITHOUT ROWID',
    );
    const applied = connection
      .prepare('SELECT id, sha256 FROM host_migrations ORDER BY id')
      .all()
      .map((row) => ({ id: String(row.id), sha256: String(row.sha256) }));
    const known = new Set(hostMigrations.map((step) => step.id));
    const unknown = applied.filter((step) => !known.has(step.id));
    if (unknown.length > 0) {
      throw new StoreError(
        'DATABASE_NEWER',
        `${connection.file} was written by a newer Clay (it has the schema step ${unknown.map((step) => step.id).join(', ')}). Start that version, or restore a backup made by this one.`,
      );
    }
    const insert = connection.prepare('INSERT INTO host_migrations (id, sha256, applied_at) VALUES (?, ?, ?)');
    for (const step of pendingSteps('the host', hostMigrations, applied)) {
      connection.exec(step.sql);
      insert.run([step.id, hashOf(step), clock.now()]);
    }
  });
}

/** The steps that have not run. Throws when one that ran is not what it was, or when a new one stands before one that ran. */
export function pendingSteps(
  owner: string,
  steps: readonly Migration[],
  applied: readonly { readonly id: string; readonly sha256: string }[],
): readonly Migration[] {
  const done = new Map(applied.map((step) => [step.id, step.sha256]));
  const pending: Migration[] = [];
  for (const step of steps) {
    const hash = done.get(step.id);
    if (hash === undefined) {
      pending.push(step);
    } else if (hash !== hashOf(step)) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The schema step "${step.id}" of ${owner} was changed after it had run here. Restore its text and put the change into a new step.`,
      );
    } else if (pending.length > 0) {
      throw new ClayError(
        'BAD_ARGUMENTS',
        `The schema step "${pending[0]?.id}" of ${owner} stands before "${step.id}", which has run already. Put new steps at the end.`,
      );
    }
  }
  return pending;
}

/** Of a step's text without its layout, so that a formatter may indent it anew. */
export function hashOf(step: Migration): string {
  return createHash('sha256').update(step.sql.replace(/\s+/g, ' ').trim()).digest('hex');
}
