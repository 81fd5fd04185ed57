import { join } from 'node:path';
import { ClayError } from '@clay/sdk';
import { readTextFile, writeTextFile } from './atomic-file.ts';
import { defaultSoulFiles, readOnlySoulFiles, type SoulFileName, soulFileNames } from './soul-file.ts';
import type { SoulHistory } from './soul-history.ts';

const maxLength = 100_000;

/** The soul files in their folder. A person may edit them at any time; what was there before a change is kept in the history. */
export class Soul {
  readonly #folder: string;
  readonly #history: SoulHistory;
  /** Changes wait for each other, so that each sees the text that the one before left. */
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(folder: string, history: SoulHistory) {
    this.#folder = folder;
    this.#history = history;
  }

  /** Null when the file does not exist. */
  read(filename: SoulFileName): string | null {
    return readTextFile(join(this.#folder, filename));
  }

  write(filename: SoulFileName, content: string): Promise<void> {
    if (readOnlySoulFiles.includes(filename)) throw new ClayError('REFUSED', `${filename} is read-only.`);
    if (content.trim() === '') {
      throw new ClayError('BAD_ARGUMENTS', `${filename} cannot be made empty: give its whole new content.`);
    }
    if (content.length > maxLength) {
      throw new ClayError(
        'TOO_LARGE',
        `The new ${filename} has ${content.length} characters; at most ${maxLength} are kept.`,
      );
    }
    return this.#inTurn(() => this.#replace(filename, content));
  }

  restore(filename: SoulFileName, version: number): Promise<void> {
    if (readOnlySoulFiles.includes(filename)) throw new ClayError('REFUSED', `${filename} is read-only.`);
    return this.#inTurn(async () => this.#replace(filename, await this.#history.read(filename, version)));
  }

  /** Puts the default files where none are. Gives the names of those that it put. */
  layOut(): Promise<readonly SoulFileName[]> {
    return this.#inTurn(async () => {
      const laid: SoulFileName[] = [];
      for (const filename of soulFileNames) {
        if (this.read(filename) !== null) continue;
        await this.#replace(filename, defaultSoulFiles[filename]);
        laid.push(filename);
      }
      return laid;
    });
  }

  async #replace(filename: SoulFileName, content: string): Promise<void> {
    const current = this.read(filename);
    if (current !== null) await this.#history.note(filename, current);
    await writeTextFile(join(this.#folder, filename), content);
    await this.#history.note(filename, content);
  }

  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#lastChange.then(change, change);
    this.#lastChange = done.catch(() => undefined);
    return done;
  }
}
