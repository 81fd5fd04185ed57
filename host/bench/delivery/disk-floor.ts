import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** About what one accepted message writes. */
const bytes = Buffer.alloc(32 * 1024, 1);

/** The time of one flush of so many bytes by this disk, in milliseconds: nothing that is committed for good is faster. */
export class DiskFloor implements Disposable {
  readonly #file: string;
  readonly #descriptor: number;

  constructor(folder: string) {
    this.#file = join(folder, 'floor');
    this.#descriptor = openSync(this.#file, 'a');
  }

  measure(): number {
    const begun = performance.now();
    writeSync(this.#descriptor, bytes);
    fdatasyncSync(this.#descriptor);
    return performance.now() - begun;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
    rmSync(this.#file);
  }
}
