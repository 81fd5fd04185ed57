import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from './durable.ts';

/** The last refusal of each name, over restarts: a bad file that still lies there is no news to anybody. */
export class Refusals {
  readonly #generations: string;

  /** @param generations `data/generations` */
  constructor(generations: string) {
    this.#generations = generations;
  }

  /** Gives whether the same was said of the same text before; from now on it was. */
  async wasTold(name: string, hash: string, problem: string): Promise<boolean> {
    const text = JSON.stringify({ hash, problem });
    const place = this.#fileOf(name);
    if ((await readIfThere(place)) === text) return true;
    await mkdir(dirname(place), { recursive: true });
    await replaceFile(place, text);
    return false;
  }

  async forget(name: string): Promise<void> {
    await rm(this.#fileOf(name), { force: true });
  }

  #fileOf(name: string): string {
    return join(this.#generations, name, 'refused.json');
  }
}

async function readIfThere(place: string): Promise<string | null> {
  try {
    return await readFile(place, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
