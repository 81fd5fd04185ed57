import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type EndRecord, type ExitRecord, readExits } from '../exit-log.ts';
import type { HostLimits } from '../host-process.ts';
import type { RestartRules } from '../restart.ts';

export interface MedicOptions {
  readonly limits?: Partial<HostLimits>;
  readonly rules?: Partial<RestartRules>;
  readonly folder?: string;
  /** The host instead of the fake one: program and arguments. */
  readonly host?: readonly string[];
}

/** A real medic with a real host, and the data folder that they share. */
export class MedicFixture implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly exited: Promise<number | null>;
  readonly #lines: string[] = [];
  readonly #isOwnFolder: boolean;
  #onLine: () => void = () => {};
  stderr = '';

  constructor(behaviour: string, options: MedicOptions = {}, ...args: readonly string[]) {
    const { limits, rules } = options;
    this.#isOwnFolder = options.folder === undefined;
    this.folder = options.folder ?? mkdtempSync(join(tmpdir(), 'clay-medic-'));
    const here = import.meta.dirname;
    const flags = ['--inspect-port=127.0.0.1:0', '--inspect-publish-uid=stderr'];
    const host = options.host ?? [
      process.execPath,
      ...flags,
      join(here, 'fake-host.mjs'),
      behaviour,
      this.folder,
      ...args,
    ];
    const medic = [join(here, 'quick-medic.ts'), JSON.stringify({ limits, rules }), ...host];
    this.child = spawn(process.execPath, medic, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.#lines.push(line);
      this.#onLine();
    });
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The next line of the host's output that begins with these words; what was before it is forgotten. Gives its words. */
  async told(start: string): Promise<readonly string[]> {
    const deadline = AbortSignal.timeout(30_000);
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift())
        if (line.startsWith(start)) return line.split(' ');
      await new Promise<void>((resolve, reject) => {
        this.#onLine = resolve;
        deadline.addEventListener('abort', () => reject(new Error(`no "${start}" within 30 s: ${this.stderr}`)));
      });
    }
  }

  /** Until its standard error, with the host's, holds this. */
  async said(pattern: RegExp): Promise<void> {
    const signal = AbortSignal.timeout(30_000);
    while (!pattern.test(this.stderr)) await once(this.child.stderr!, 'data', { signal });
  }

  /** The pid of the next host that starts. */
  async host(): Promise<number> {
    return Number((await this.told('host'))[1]);
  }

  get exits(): readonly ExitRecord[] {
    return readExits(this.folder);
  }

  get ends(): readonly EndRecord[] {
    return this.exits.filter((record) => record.event === 'end');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await this.exited;
    }
    if (this.#isOwnFolder) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when a process is gone, or a zombie that nobody reaps. */
export async function gone(pid: number): Promise<void> {
  const waiter = spawn('sh', [
    '-c',
    `while [ -e /proc/${pid} ] && ! grep -q '^State:.Z' /proc/${pid}/status 2>/dev/null; do sleep 0.02; done`,
  ]);
  await once(waiter, 'exit');
}
