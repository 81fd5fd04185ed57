import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Clock } from '@clay/sdk';
import type { Script } from '../script/script.ts';
import { type FolderEvents, type OpenFolderEvents, openFolderEvents, pollMs, type WatchBackend } from './chokidar.ts';
import { look, type Sight, stampOf } from './look.ts';
import { parseStarFile, starSuffix } from './star-file.ts';

export interface WatcherOptions {
  /** Only the files right in it; it must exist. */
  readonly folder: string;
  readonly clock: Clock;
  /** A file stands still: its new text. Never twice the same text in a row. */
  readonly onSaved: (script: Script) => void;
  readonly onRemoved: (name: string) => void;
  /** A file that cannot be a script, once for each state that it is found in. */
  readonly onRefused: (name: string, problem: string) => void;
  /** The folder cannot be watched or read as it should; watching goes on as well as it can. */
  readonly onError: (problem: string) => void;
  /** How long a file has to stand still. Default 25. */
  readonly settleMs?: number;
  /** Default: chokidar. */
  readonly openEvents?: OpenFolderEvents;
}

export interface Watcher {
  /** Looks at every file now; resolves when all that stand still have been told. */
  scan(): Promise<void>;
  /** What was told of this text is known already: as if it had just been told. */
  know(script: Pick<Script, 'name' | 'hash'>): void;
  close(): Promise<void>;
}

const defaultSettleMs = 25;
/** Between two steps of a poll a file may change without a word. */
const pollSettleMs = 2 * pollMs + 20;
/** Some editors delete a file and write it anew. */
const goneMs = 150;
/** A file that is empty is usually about to be filled. */
const emptyMs = 500;
/** A text that goes on soon after it was told was not finished; its writer is given four times as long the next time. */
const unfinishedMs = 500;
const maxPatienceMs = 1_000;
/** The system may lose events without a word. */
const sweepMs = 10_000;

/** One name in the folder. */
interface Entry {
  readonly file: string;
  /** At the last event. */
  stamp: string;
  /** An event has come that no look has followed yet. */
  isTouched: boolean;
  /** It is not told yet how it is now. */
  isOpen: boolean;
  isLooking: boolean;
  /** The first event since it was told; null: there was none. */
  firstTouchAt: number | null;
  lastTouchAt: number;
  cancel: () => void;
  /** What was told last, to be compared; empty: nothing. */
  told: string;
  toldSource: string | null;
  toldAt: number;
  /** Woken when it stands still. */
  waiting: (() => void)[];
}

/** Watches a folder of `.star` files; call {@link Watcher.scan} once to hear of what is there. */
export function createWatcher(options: WatcherOptions): Watcher {
  return new FolderWatcher(options);
}

class FolderWatcher implements Watcher {
  readonly #options: WatcherOptions;
  readonly #entries = new Map<string, Entry>();
  #settleMs: number;
  #closeEvents: () => Promise<void>;
  #cancelSweep: () => void = () => {};
  #isClosed = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#settleMs = options.settleMs ?? defaultSettleMs;
    this.#closeEvents = this.#listen('native');
    this.#sweep();
  }

  async scan(): Promise<void> {
    const { folder, onError } = this.#options;
    let files: readonly string[];
    try {
      files = await readdir(folder);
    } catch (error) {
      onError(folderGone(messageOf(error)));
      return;
    }
    if (this.#isClosed) return;
    const known = [...this.#entries.values()].filter(({ told }) => told !== '').map(({ file }) => file);
    const all = new Set([...files.filter((file) => parseStarFile(file).kind !== 'foreign'), ...known]);
    await Promise.all([...all].filter((file) => this.#isNews(file)).map((file) => this.#stands(file)));
  }

  know({ name, hash }: Pick<Script, 'name' | 'hash'>): void {
    const entry = this.#entry(`${name}${starSuffix}`);
    entry.told = `script ${hash}`;
    entry.toldSource = null;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep();
    for (const entry of this.#entries.values()) {
      entry.cancel();
      for (const wake of entry.waiting.splice(0)) wake();
    }
    await this.#closeEvents();
  }

  #listen(backend: WatchBackend): () => Promise<void> {
    const { folder, openEvents = openFolderEvents } = this.#options;
    const events: FolderEvents = {
      onTouch: (file) => this.#touch(file),
      // What happened before the ears were open.
      onReady: () => this.#rescan(),
      onError: (error) => this.#fallBack(backend, error),
    };
    return openEvents(folder, backend, events);
  }

  #fallBack(backend: WatchBackend, error: Error): void {
    if (this.#isClosed) return;
    const { onError } = this.#options;
    if (backend === 'polling') {
      onError(
        `The folder of extensions cannot be watched: ${error.message}. It is looked through every ${sweepMs} ms.`,
      );
      return;
    }
    onError(`The system tells of no changes (${error.message}); the folder of extensions is polled instead.`);
    this.#settleMs = Math.max(this.#settleMs, pollSettleMs);
    const closeNative = this.#closeEvents;
    const closePolling = this.#listen('polling');
    this.#closeEvents = async () => {
      await closeNative();
      await closePolling();
    };
  }

  #rescan(): void {
    this.scan().catch((error) => this.#options.onError(messageOf(error)));
  }

  #sweep(): void {
    this.#cancelSweep = this.#options.clock.after(sweepMs, () => {
      this.#sweep();
      this.#rescan();
    });
  }

  #entry(file: string): Entry {
    const known = this.#entries.get(file);
    if (known !== undefined) return known;
    const entry: Entry = {
      file,
      stamp: '',
      isTouched: false,
      isOpen: false,
      isLooking: false,
      firstTouchAt: null,
      lastTouchAt: 0,
      cancel: () => {},
      told: '',
      toldSource: null,
      toldAt: 0,
      waiting: [],
    };
    this.#entries.set(file, entry);
    return entry;
  }

  #isNews(file: string): boolean {
    const entry = this.#entries.get(file);
    return entry === undefined || entry.isOpen || entry.stamp !== stampOf(this.#options.folder, file);
  }

  /** Resolves when the file has stood still and been told. */
  #stands(file: string): Promise<void> {
    return new Promise((resolve) => {
      const known = this.#entries.get(file);
      const entry = known?.isOpen ? known : this.#touch(file);
      if (entry === null) resolve();
      else entry.waiting.push(resolve);
    });
  }

  #touch(file: string): Entry | null {
    if (this.#isClosed || parseStarFile(file).kind === 'foreign') return null;
    const { folder, clock } = this.#options;
    const entry = this.#entry(file);
    entry.lastTouchAt = clock.now();
    entry.firstTouchAt ??= entry.lastTouchAt;
    entry.isTouched = true;
    entry.isOpen = true;
    entry.stamp = stampOf(folder, file);
    this.#wait(entry, this.#settleMs);
    return entry;
  }

  #wait(entry: Entry, ms: number): void {
    entry.cancel();
    entry.cancel = this.#options.clock.after(ms, () => this.#settle(entry));
  }

  #settle(entry: Entry): void {
    // The look that is under way sees that it was touched, and waits again.
    if (entry.isLooking || this.#isClosed) return;
    entry.isLooking = true;
    entry.isTouched = false;
    look(this.#options.folder, entry.file).then(
      (sight) => {
        entry.isLooking = false;
        if (!this.#isClosed) this.#judge(entry, sight);
      },
      (error) => this.#options.onError(messageOf(error)),
    );
  }

  #judge(entry: Entry, sight: Sight): void {
    const now = this.#options.clock.now();
    const stamp = stampOf(this.#options.folder, entry.file);
    if (entry.isTouched || sight.kind === 'moving' || stamp !== entry.stamp) {
      entry.stamp = stamp;
      entry.lastTouchAt = now;
      this.#wait(entry, this.#settleMs);
      return;
    }
    const left = this.#patienceFor(entry, sight) - (now - entry.lastTouchAt);
    if (left > 0) this.#wait(entry, left);
    else this.#tell(entry, sight);
  }

  /** How long it has to have stood for what is seen now. */
  #patienceFor(entry: Entry, sight: Sight): number {
    if (sight.kind === 'gone') return entry.told === '' ? 0 : goneMs;
    if (sight.kind !== 'script') return 0;
    if (sight.source === '' && entry.toldSource !== '') return emptyMs;
    if (entry.toldSource === null) return 0;
    const gap = (entry.firstTouchAt ?? entry.toldAt) - entry.toldAt;
    const goesOn = sight.source.length > entry.toldSource.length && sight.source.startsWith(entry.toldSource);
    return goesOn && gap < unfinishedMs ? Math.min(maxPatienceMs, 4 * gap) : 0;
  }

  #tell(entry: Entry, sight: Exclude<Sight, { kind: 'moving' }>): void {
    const { folder, onSaved, onRemoved, onRefused, onError, clock } = this.#options;
    const star = parseStarFile(entry.file);
    const name = entry.file.slice(0, -starSuffix.length);
    const before = entry.told;
    for (const wake of entry.waiting.splice(0)) wake();
    entry.isOpen = false;
    if (sight.kind === 'gone' && !existsSync(folder)) {
      onError(folderGone(folder));
      return;
    }
    entry.firstTouchAt = null;
    entry.toldAt = clock.now();
    entry.toldSource = sight.kind === 'script' ? sight.source : null;
    if (sight.kind === 'gone') {
      this.#entries.delete(entry.file);
      if (before !== '') onRemoved(name);
    } else if (star.kind === 'script' && sight.kind === 'script') {
      entry.told = `script ${sight.hash}`;
      if (entry.told !== before) onSaved({ name, source: sight.source, hash: sight.hash });
    } else {
      const problem = star.kind === 'misnamed' ? star.problem : 'problem' in sight ? sight.problem : '';
      entry.told = `refused ${sight.stamp} ${problem}`;
      if (entry.told !== before) onRefused(name, problem);
    }
  }
}

/** A volume that went away must not take every extension with it. */
function folderGone(what: string): string {
  return `The folder of extensions cannot be read (${what}). What serves goes on serving.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
