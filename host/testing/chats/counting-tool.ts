import { type FSWatcher, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Steps } from './steps.ts';

/** A shell command that leaves one line for every run, and tells when it begins and when it has worked. */
export class CountingTool implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'clay-effects-'));
  readonly #file = join(this.#folder, 'effects');
  readonly #watcher: FSWatcher;
  #read = 0;

  constructor(steps: Steps) {
    writeFileSync(this.#file, '');
    this.#watcher = watch(this.#file, () => {
      const lines = this.#lines();
      for (const line of lines.slice(this.#read))
        steps.reach(line.startsWith('begun ') ? 'the tool begins' : 'the tool has worked');
      this.#read = lines.length;
    });
  }

  command(key: string): string {
    return `echo "begun ${key}" >> ${this.#file}; sleep 0.02; echo "done ${key}" >> ${this.#file}; echo counted ${key}`;
  }

  /** How often its effect was had for a key. */
  effects(key: string): number {
    return this.#lines().filter((line) => line === `done ${key}`).length;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    rmSync(this.#folder, { recursive: true });
  }

  #lines(): readonly string[] {
    return readFileSync(this.#file, 'utf8').split('\n').slice(0, -1);
  }
}
