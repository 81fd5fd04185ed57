import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Bag = Record<string, unknown>;

/** How what runs from an image behaves. */
export interface Behaviour {
  /** To the end of the preflight, and to "healthy". */
  readonly bootMs?: number;
  /** The preflight fails. */
  readonly failsPreflight?: boolean;
  /** Ends by itself so long after it has become the claw. */
  readonly endsAfterMs?: number;
  /** Turns unhealthy so long after it has become the claw. */
  readonly unhealthyAfterMs?: number;
  /** What an open turn takes when the claw is asked to stop. */
  readonly turnMs?: number;
  readonly pendingMigrations?: readonly string[];
}

export interface FakeImage {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly Config: Bag;
  readonly behaviour: Behaviour;
}

export interface FakeContainer {
  Id: string;
  Name: string;
  Image: string;
  Created: string;
  RestartCount: number;
  status: 'created' | 'running' | 'exited';
  exitCode: number;
  startedAt: number;
  /** Since when it is the claw of its data; null: it is in standby, or does not run. */
  clawSince: number | null;
  log: string[];
  Config: Bag;
  HostConfig: Bag;
  Mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[];
  Networks: Record<string, Bag>;
}

export interface FakeState {
  images: Record<string, FakeImage>;
  containers: Record<string, FakeContainer>;
  volumes: Record<string, { Name: string; Labels: Record<string, string> }>;
  networks: Record<string, { Name: string; Labels: Record<string, string> }>;
}

const empty: FakeState = { images: {}, containers: {}, volumes: {}, networks: {} };

/** What the recording Docker knows, in a folder, so that every process sees the same. */
export class FakeStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, 'volumes'), { recursive: true });
  }

  /** Reads, lets `work` change it, and writes, while no other process does. */
  change<Result>(work: (state: FakeState) => Result): Result {
    const lock = join(this.folder, 'lock');
    const deadline = Date.now() + 10_000;
    for (;;) {
      try {
        mkdirSync(lock);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || Date.now() > deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      }
    }
    try {
      const state = this.read();
      const result = work(state);
      const file = join(this.folder, 'state.json');
      writeFileSync(`${file}.new`, JSON.stringify(state, null, 1));
      renameSync(`${file}.new`, file);
      return result;
    } finally {
      rmdirSync(lock);
    }
  }

  read(): FakeState {
    const file = join(this.folder, 'state.json');
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : structuredClone(empty);
  }

  record(name: 'calls' | 'events', entry: unknown): void {
    appendFileSync(join(this.folder, `${name}.jsonl`), `${JSON.stringify(entry)}\n`);
  }

  recorded(name: 'calls' | 'events'): readonly unknown[] {
    const file = join(this.folder, `${name}.jsonl`);
    if (!existsSync(file)) return [];
    return readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  }

  volumeFolder(name: string): string {
    const folder = join(this.folder, 'volumes', name);
    mkdirSync(folder, { recursive: true });
    return folder;
  }
}
