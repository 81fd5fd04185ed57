import { ClayError } from '@clay/sdk';

/** Every way in which a volume or its database can fail, and what it means. The one list. */
export const storeFaults = {
  VOLUME_IN_USE: 'Another host holds the volume.',
  VOLUME_FULL: 'No space is left.',
  VOLUME_READ_ONLY: 'The volume or a file on it cannot be written.',
  VOLUME_FAILED: 'The operating system reported an input or output error.',
  DATABASE_DAMAGED: 'The file is not a sound SQLite database.',
  DATABASE_NEWER: 'The database was written by a newer Clay.',
  DATABASE_BUSY: 'Another process holds the database.',
} as const;

export type StoreFault = keyof typeof storeFaults;

/** A fault of the volume, told with the file and the remedy. For callers it is `UNAVAILABLE`. */
export class StoreError extends ClayError {
  readonly fault: StoreFault;

  constructor(fault: StoreFault, message: string, cause?: unknown) {
    super('UNAVAILABLE', message, { data: { fault }, cause });
    this.fault = fault;
  }
}

/** Turns what SQLite or the file system threw into a {@link StoreError}; anything else is given back as it is. */
export function explainStoreFailure(thrown: unknown, file: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof ClayError) return thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const fault = faultOf(code);
  return fault === null
    ? thrown
    : new StoreError(fault, `${describe(fault, file)} (${code}: ${thrown.message})`, thrown);
}

function faultOf(code: string): StoreFault | null {
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'VOLUME_FULL';
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN')) return 'VOLUME_READ_ONLY';
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return 'VOLUME_READ_ONLY';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'DATABASE_DAMAGED';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'DATABASE_BUSY';
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return 'VOLUME_FAILED';
  return null;
}

function describe(fault: StoreFault, file: string): string {
  switch (fault) {
    case 'VOLUME_FULL':
      return `No space is left on the volume of ${file}; nothing of this step was written. Free space and try again.`;
    case 'VOLUME_READ_ONLY':
      return `${file} cannot be opened for writing. Check that its folder exists, is mounted writable and belongs to the user that runs Clay.`;
    case 'VOLUME_FAILED':
      return `Reading or writing ${file} failed in the operating system. Check the disk, then start again; Clay checks the database at the next start.`;
    case 'DATABASE_DAMAGED':
      return `${file} is damaged. Stop Clay and start it again: it checks the file, sets a damaged one aside and says how to restore a backup.`;
    case 'DATABASE_BUSY':
      return `Another process keeps ${file} locked. Close the program that has it open, such as a database browser.`;
    case 'VOLUME_IN_USE':
      return `Another Clay host holds the volume of ${file}.`;
    case 'DATABASE_NEWER':
      return `${file} was written by a newer Clay. Start that version, or restore a backup of this one.`;
  }
}
