import { existsSync } from 'node:fs';
import { type Finding, failure, ok } from './check.ts';

/** Looks for damage, without changing anything; works while the claw runs. */
export async function checkDatabase(file: string, backups: string): Promise<Finding> {
  if (!existsSync(file)) return ok('database', 'none yet: made at the first start');
  const { Connection } = await import('../../../store/connection.ts');
  const { StoreError } = await import('../../../store/store-error.ts');
  const remedy = `Stop the claw and run "clay restore FILE" with a backup from ${backups}, or start it: it sets a damaged file aside and tells so.`;
  try {
    const connection = new Connection(file, { readonly: true });
    try {
      const result = String(connection.pragma('quick_check(1)'));
      return result === 'ok' ? ok('database', file) : failure('database', `${file} is damaged: ${result}`, remedy);
    } finally {
      connection.close();
    }
  } catch (error) {
    const isDamage = error instanceof StoreError && error.fault === 'DATABASE_DAMAGED';
    return failure(
      'database',
      `${file} cannot be read: ${(error as Error).message}`,
      isDamage ? remedy : 'The file may be sound. Mend what stands above, then look again.',
    );
  }
}
