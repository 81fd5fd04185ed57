import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@clay/sdk';
import { supervise } from '../../launch.mjs';
import { descendantsOf, listProcesses } from '../../process/process-table.ts';

export type Victim = 'host' | 'medic' | 'machine' | 'matterbridge';

/** The claw as `npm start` runs it, medic and bundled host, on a volume that outlives them. */
export class SupervisedClaw implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), 'clay-chats-'));
  readonly #environment: Readonly<Record<string, string>>;
  #medic: ChildProcess | null = null;
  /** What it has told on its error stream, over all its lives. */
  stderr = '';

  constructor(clayJson: JsonObject, environment: Readonly<Record<string, string>>) {
    writeFileSync(join(this.root, 'clay.json'), JSON.stringify(clayJson));
    this.#environment = environment;
  }

  get database(): string {
    return join(this.root, 'data', 'messages.db');
  }

  get isRunning(): boolean {
    return this.#medic !== null && this.#medic.exitCode === null && this.#medic.signalCode === null;
  }

  start(): void {
    const bundle = process.env.CLAY_BUNDLE;
    if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm test');
    const how = supervise(process.execPath, bundle, ['start']);
    const ports = { CLAY_PORT: '0', ADK_PORT: '0', CLAY_LOG_LEVEL: 'warn', CLAY_LOG_FORMAT: 'json' };
    const env = { PATH: process.env.PATH ?? '', CLAY_ROOT: this.root, ...ports, ...how.env, ...this.#environment };
    const medic = spawn(process.execPath, how.args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    medic.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.#medic = medic;
  }

  /** The host that holds the volume now; null between two lives, and before it holds it. */
  get host(): number | null {
    const marker = join(this.root, 'data', 'medic', 'host.json');
    if (!this.isRunning || !existsSync(marker)) return null;
    const { pid } = JSON.parse(readFileSync(marker, 'utf8'));
    return this.#family().includes(pid) ? pid : null;
  }

  /** Ends a part of it with SIGKILL, at once; false when that part is not there. */
  kill(victim: Victim): boolean {
    if (!this.isRunning) return false;
    const medic = this.#medic!.pid!;
    switch (victim) {
      case 'medic':
        process.kill(medic, 'SIGKILL');
        return true;
      case 'machine':
        for (const pid of [medic, ...this.#family()]) killIfThere(pid);
        return true;
      case 'host': {
        const { host } = this;
        return host !== null && killIfThere(host);
      }
      case 'matterbridge': {
        const bridge = this.#family().find((pid) => commandOf(pid).includes('matterbridge.toml'));
        return bridge !== undefined && killIfThere(bridge);
      }
    }
  }

  /** Resolves when no process of it is left: a host without a medic ends by itself. */
  async ended(): Promise<void> {
    const medic = this.#medic;
    if (medic !== null && this.isRunning) await once(medic, 'exit');
    while (listProcesses().some(({ pid, isZombie }) => !isZombie && this.#isOurs(pid)))
      await new Promise((resolve) => setTimeout(resolve, 10));
  }

  async stop(): Promise<void> {
    if (this.isRunning) this.#medic!.kill('SIGTERM');
    await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  #family(): readonly number[] {
    return descendantsOf(this.#medic!.pid!, listProcesses()).map(({ pid }) => pid);
  }

  #isOurs(pid: number): boolean {
    return (read(`/proc/${pid}/environ`) ?? '').includes(`CLAY_ROOT=${this.root}\0`);
  }
}

function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`) ?? '';
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
