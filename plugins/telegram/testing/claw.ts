import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@clay/sdk';

/** The bundled claw on a volume of its own, as a process that may be killed and started again. */
export class ClawProcess implements AsyncDisposable {
  readonly #root = mkdtempSync(join(tmpdir(), 'clay-telegram-'));
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | null = null;
  #stderr = '';

  constructor(clayJson: JsonObject, environment: Readonly<Record<string, string>>) {
    writeFileSync(join(this.#root, 'clay.json'), JSON.stringify(clayJson));
    this.#environment = environment;
  }

  /** What it has told on its error stream, over all its lives. */
  get stderr(): string {
    return this.#stderr;
  }

  start(): void {
    const bundle = process.env.CLAY_BUNDLE;
    if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm test');
    const ports = { CLAY_PORT: '0', ADK_PORT: '0', CLAY_LOG_LEVEL: 'error' };
    const env = { PATH: process.env.PATH ?? '', CLAY_ROOT: this.#root, ...ports, ...this.#environment };
    const args = ['--disable-warning=ExperimentalWarning', join(bundle, 'clay.mjs'), 'start'];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    child.stderr.on('data', (chunk) => {
      this.#stderr += chunk;
    });
    this.#child = child;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.#root, { recursive: true, force: true });
  }
}
