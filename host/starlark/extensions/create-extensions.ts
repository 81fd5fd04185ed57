import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ClayError, type Clock, type Json, type JsonObject, type Log } from '@clay/sdk';
import type { Admission, Medic } from '../../medic/generations/medic.ts';
import type { CallRequest } from '../../router/router.ts';
import type { Lanes } from '../lanes.ts';
import type { ScriptReport } from '../script/report.ts';
import type { Script } from '../script/script.ts';
import { look, maxSourceBytes } from '../watch/look.ts';
import { nameProblem, starSuffix } from '../watch/star-file.ts';
import { createWatcher, type Watcher, type WatcherOptions } from '../watch/watcher.ts';
import { replaceFile } from './durable.ts';
import { extensionBuild } from './extension-build.ts';
import { scriptHash } from './extension-hash.ts';
import { servingOf } from './extension-status.ts';
import type { Author, ExtensionStatus, Extensions, RunCaller, SaveReport, WriteResult } from './extensions.ts';
import { type Extension, isKeptExtension, toExtension } from './kept-extension.ts';
import { recall } from './recall.ts';
import { Refusals } from './refusals.ts';
import { type Candidate, Shelf } from './shelf.ts';

export interface ExtensionsOptions {
  /** `EXTENSIONS_DIR`. */
  readonly folder: string;
  /** `data/generations`. */
  readonly generations: string;
  readonly lanes: Pick<Lanes, 'inspect' | 'transport'>;
  readonly medic: Pick<Medic, 'deploy' | 'retire' | 'generations'>;
  readonly call: (request: CallRequest) => Promise<Json>;
  readonly clock: Clock;
  readonly log: Log;
  /** What a new claw finds in its folder; null: nothing. */
  readonly hello: string | null;
  /** Who has a name already that is no extension, such as a plugin that ships; null: nobody. Default: nobody. */
  readonly ownerOf?: (name: string) => string | null;
  /** Hears how every save ended. */
  readonly onReport?: (report: SaveReport) => void;
  /** For tests of the watching. */
  readonly watch?: Pick<WatcherOptions, 'settleMs' | 'openEvents'>;
}

/** A save whose lane or volume failed is tried again so much later, each time. */
const retriesMs: readonly number[] = [1_000, 5_000, 30_000];
/** A bad text is told after this time, if it still lies there. */
const unfinishedMs = 500;

/** Makes the extensions of a claw; nothing is read before {@link Extensions.start}. */
export function createExtensions(options: ExtensionsOptions): Extensions {
  return new FolderExtensions(options);
}

class FolderExtensions implements Extensions {
  readonly #options: ExtensionsOptions;
  readonly #shelf: Shelf;
  readonly #refusals: Refusals;
  /** Saves under way. */
  readonly #open = new Set<Promise<unknown>>();
  #watcher: Watcher | null = null;
  #isClosed = false;

  constructor(options: ExtensionsOptions) {
    this.#options = options;
    const { generations, medic, log, ownerOf = () => null } = options;
    this.#refusals = new Refusals(generations);
    this.#shelf = new Shelf({ generations, medic, log, ownerOf });
  }

  async start(): Promise<void> {
    const { folder, clock, log, watch } = this.#options;
    const recalled = await recall(this.#options);
    await this.#layOut(recalled.length === 0);
    const watcher = createWatcher({
      folder,
      clock,
      onSaved: (script) => this.#saved(script),
      onRemoved: (name) => this.#removed(name),
      onRefused: (name, problem) => this.#refused(name, problem),
      onError: (problem) => log.error('extensions.watch', { problem }),
      ...watch,
    });
    this.#watcher = watcher;
    for (const { name, current, judged } of recalled) {
      const hasFile = existsSync(this.#fileOf(name));
      if (!hasFile && current === null) continue;
      this.#shelf.entry(name).extension = current;
      if (hasFile) watcher.know(judged);
      else this.#removed(name);
    }
    await watcher.scan();
    await Promise.all(this.#open);
  }

  list(): Promise<readonly ExtensionStatus[]> {
    return this.#shelf.list();
  }

  async run(name: string, args: JsonObject, { caller, session = null, ...rest }: RunCaller): Promise<Json> {
    const known = name.endsWith(starSuffix) ? name.slice(0, -starSuffix.length) : name;
    const status = await this.#shelf.status(known);
    if (status.generation === null)
      throw new ClayError(
        'UNAVAILABLE',
        `"${known}" does not serve (${status.state}). ${status.lastError ?? ''}`.trim(),
      );
    if (!status.hasRun) {
      const tools = status.tools.join(', ');
      throw new ClayError(
        'BAD_ARGUMENTS',
        `${known}.star has no run().${tools === '' ? '' : ` Its tools are called by their names: ${tools}.`}`,
      );
    }
    return this.#options.call({ capability: `service:${known}.run`, args, caller, session, ...rest });
  }

  async check(name: string, source: string, signal?: AbortSignal): Promise<ScriptReport> {
    return this.#options.lanes.inspect(toScript(name, source), signal);
  }

  async write(name: string, source: string, author: Author = {}): Promise<WriteResult> {
    const script = toScript(name, source);
    this.#requireFree(name);
    const report = await this.#options.lanes.inspect(script, author.signal);
    if (!report.isGood || report.outline === null) return { report, admission: null };
    const extension = toExtension(script, report.outline);
    const admission = await this.#submit(name, async () => {
      await this.#write(script);
      return this.#deploy({ extension, report }, { reason: 'written by extension_write', ...author });
    });
    if (admission !== null) return { report, admission };
    throw new ClayError(
      'CONFLICT',
      `${name}.star was saved by somebody else at the same moment. Read it and try again.`,
    );
  }

  async #write(script: Script): Promise<void> {
    const { name, source, hash } = script;
    try {
      await mkdir(this.#options.folder, { recursive: true });
      await replaceFile(this.#fileOf(name), source);
    } catch (cause) {
      throw new ClayError('UNAVAILABLE', `${name}.star could not be saved: ${messageOf(cause)}`, { cause });
    }
    this.#watcher?.know(script);
    this.#shelf.entry(name).savedHash = hash;
  }

  async test(name: string, signal?: AbortSignal): Promise<ScriptReport> {
    const problem = nameProblem(name);
    if (problem !== null) throw new ClayError('BAD_ARGUMENTS', problem);
    const sight = await look(this.#options.folder, `${name}${starSuffix}`);
    switch (sight.kind) {
      case 'script':
        return this.check(name, sight.source, signal);
      case 'gone':
        throw this.#shelf.unknown(name);
      case 'refused':
        throw new ClayError('REFUSED', sight.problem);
      case 'moving':
        throw new ClayError('CONFLICT', `${name}.star is being written at this moment. Try again.`);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#watcher?.close();
    for (const [, { work }] of this.#shelf) work.stop();
    await Promise.all(this.#open);
  }

  async #layOut(isNew: boolean): Promise<void> {
    const { folder, hello } = this.#options;
    if (existsSync(folder)) return;
    await mkdir(folder, { recursive: true });
    if (isNew && hello !== null) await replaceFile(this.#fileOf('hello'), hello);
  }

  #saved(script: Script, attempt = 0): void {
    const { name, hash } = script;
    const { lanes, ownerOf } = this.#options;
    const entry = this.#shelf.entry(name);
    entry.hasFile = true;
    entry.savedHash = hash;
    const owner = ownerOf?.(name) ?? null;
    if (owner !== null) {
      this.#refused(name, takenBy(name, owner));
      return;
    }
    const work = this.#submit(name, async (signal) => {
      const report = await lanes.inspect(script, signal).catch((error) => {
        // A later save has taken its place.
        if (signal.aborted) return null;
        throw error;
      });
      if (report === null || signal.aborted) return null;
      if (!report.isGood || report.outline === null) {
        if (await this.#isReplaced(signal)) return null;
        this.#refused(name, report.text, await this.#refusals.wasTold(name, hash, report.text));
        return null;
      }
      const extension = toExtension(script, report.outline);
      const banned = this.#shelf.generationsOf(name).find((one) => one.hash === extension.hash && one.isQuarantined);
      if (banned !== undefined) {
        const problem = quarantined(name, banned.generation);
        this.#refused(name, problem, await this.#refusals.wasTold(name, hash, problem));
        return null;
      }
      return this.#deploy({ extension, report }, { reason: `${name}.star was saved` });
    });
    this.#background(name, work, (problem) => {
      const ms = retriesMs[attempt];
      if (ms === undefined || entry.savedHash !== hash) return problem;
      this.#options.clock.after(ms, () => {
        if (!this.#isClosed && entry.savedHash === hash) this.#saved(script, attempt + 1);
      });
      return `${problem} It is tried again in ${ms / 1_000} s.`;
    });
  }

  /** A text that is not whole yet is bad too: its rest comes in a moment, and nobody needs to hear of the half. */
  async #isReplaced(signal: AbortSignal): Promise<boolean> {
    await this.#options.clock.sleep(unfinishedMs, signal).catch(() => undefined);
    return signal.aborted;
  }

  #removed(name: string): void {
    const { medic, generations } = this.#options;
    const entry = this.#shelf.entry(name);
    entry.hasFile = false;
    entry.savedHash = null;
    entry.rejected = null;
    this.#background(
      name,
      this.#submit(name, async () => {
        const current = this.#shelf.generationsOf(name).find(({ isCurrent }) => isCurrent);
        if (current !== undefined && isKeptExtension(generations, name, current.generation))
          await medic.retire(name, `${name}.star was deleted`);
        if (!entry.hasFile) this.#shelf.drop(name);
        await this.#refusals.forget(name);
        this.#report({ name, isGood: true, generation: null, state: 'retired', text: `${name}.star was deleted.` });
        this.#retryRejected(name);
        return null;
      }),
    );
  }

  #refused(name: string, problem: string, wasTold = false): void {
    const entry = this.#shelf.entry(name);
    entry.hasFile = true;
    entry.problem = problem;
    entry.rejected = null;
    if (wasTold) return;
    const serving = servingOf(this.#shelf.generationsOf(name));
    const still = serving === undefined ? 'Nothing of it serves.' : `Generation ${serving.generation} goes on serving.`;
    const generation = serving?.generation ?? null;
    this.#report({ name, isGood: false, generation, state: 'refused', text: `${problem}\n\n${still}` });
  }

  async #deploy(candidate: Candidate, { session = null, reason = '' }: Author): Promise<Admission> {
    const { extension, report } = candidate;
    const { name } = extension.script;
    const entry = this.#shelf.entry(name);
    const before = entry.extension;
    entry.hasFile = true;
    const admission = await this.#options.medic.deploy(extensionBuild(extension, this.#options), { session, reason });
    const { generation, state, problem } = admission;
    entry.rejected = state === 'rejected' ? candidate : null;
    entry.problem =
      problem === null ? null : `${name}.star passed its check, and does not serve (${state}): ${problem}`;
    if (problem === null) entry.extension = extension;
    await this.#refusals.forget(name);
    const text = entry.problem ?? report.text;
    this.#report({ name, isGood: problem === null, generation, state, text, session });
    if (problem === null && before !== null && givesUp(before, extension)) this.#retryRejected(name);
    return admission;
  }

  /** A name that somebody gave up may be what another has waited for. */
  #retryRejected(except: string): void {
    for (const [name, entry] of this.#shelf) {
      if (entry.rejected === null || name === except) continue;
      const work = entry.work.append(async () => {
        if (entry.rejected === null) return null;
        return this.#deploy(entry.rejected, { reason: `${except}.star has made way` });
      });
      this.#background(name, work);
    }
  }

  #submit(name: string, work: (signal: AbortSignal) => Promise<Admission | null>): Promise<Admission | null> {
    return this.#shelf.entry(name).work.submit(work);
  }

  /** A save that nobody waits for: what goes wrong with it is told all the same. */
  #background(name: string, work: Promise<unknown>, onFailed = (problem: string) => problem): void {
    const told: Promise<void> = work
      .then(
        () => undefined,
        (error) => this.#refused(name, onFailed(`${name}.star could not be deployed: ${messageOf(error)}`)),
      )
      .finally(() => this.#open.delete(told));
    this.#open.add(told);
  }

  #report(report: Omit<SaveReport, 'session'> & Partial<Pick<SaveReport, 'session'>>): void {
    const { log, onReport } = this.#options;
    const { name, generation, state, text, isGood, session = null } = report;
    if (isGood) log.info('extension.saved', { extension: name, generation, state });
    else log.warn('extension.refused', { extension: name, generation, state, problem: text });
    onReport?.({ ...report, session });
  }

  #requireFree(name: string): void {
    const owner = this.#options.ownerOf?.(name) ?? null;
    if (owner !== null) throw new ClayError('CONFLICT', takenBy(name, owner));
  }

  #fileOf(name: string): string {
    return join(this.#options.folder, `${name}${starSuffix}`);
  }
}

function toScript(name: string, source: string): Script {
  const problem = nameProblem(name);
  if (problem !== null) throw new ClayError('BAD_ARGUMENTS', problem);
  const bytes = Buffer.byteLength(source);
  if (bytes > maxSourceBytes)
    throw new ClayError('TOO_LARGE', `The source has ${bytes} bytes; a script has at most ${maxSourceBytes}.`);
  return { name, source, hash: scriptHash(source) };
}

/** Whether something that others may want to provide is no longer provided. */
function givesUp(before: Extension, now: Extension): boolean {
  const kept = new Set(now.outline.tools.map((tool) => tool.name));
  return before.outline.tools.some((tool) => !kept.has(tool.name));
}

function quarantined(name: string, generation: number): string {
  return `${name}.star was not taken: this very text went wrong as generation ${generation} and is quarantined. Change what was wrong; a person allows it as it is by: clay unquarantine ${name} ${generation}`;
}

function takenBy(name: string, owner: string): string {
  return `${name}.star was not taken: ${owner} is called "${name}" already. Give the file another name.`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
