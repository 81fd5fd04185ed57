import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@clay/sdk';

/** The bundled claw on a volume of its own, without a language model: it follows plain commands. */
export class ClawProcess implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), 'clay-platform-'));
  readonly #child: ChildProcess;
  #output = '';
  #url = '';

  constructor(clayJson: JsonObject, environment: Readonly<Record<string, string>>) {
    const bundle = process.env.CLAY_BUNDLE;
    if (!bundle) throw new Error('CLAY_BUNDLE names no bundle; run it with npm test');
    writeFileSync(join(this.root, 'clay.json'), JSON.stringify(clayJson));
    const own = { CLAY_ROOT: this.root, CLAY_PORT: '0', ADK_PORT: '0', CLAY_LOG_LEVEL: 'error' };
    const env = { PATH: process.env.PATH ?? '', ...own, ...environment };
    const args = ['--disable-warning=ExperimentalWarning', join(bundle, 'clay.mjs'), 'start'];
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.#output += chunk;
      });
  }

  /** All that it has written. */
  get output(): string {
    return this.#output;
  }

  /** Resolves when it listens. */
  async ready(): Promise<void> {
    for (;;) {
      const url = /curl (http:\S+)\/msg/.exec(this.#output)?.[1];
      if (url !== undefined) {
        this.#url = url;
        return;
      }
      const ended = once(this.#child, 'exit').then(() => {
        throw new Error(`The claw has ended: ${this.#output}`);
      });
      await Promise.race([once(this.#child.stdout!, 'data'), ended]);
    }
  }

  /** What a tool gives that a person calls by its name. */
  async tool(name: string, args: JsonObject): Promise<JsonObject> {
    const text = `/tool ${name} ${JSON.stringify(args)}`;
    const answer = await this.get('/msg', { method: 'POST', body: JSON.stringify({ text }) });
    const { events } = (await answer.json()) as { events: readonly JsonObject[] };
    const result = events.find(({ type }) => type === 'tool_result');
    if (result === undefined) throw new Error(`No result of ${name}: ${JSON.stringify(events)}`);
    return result;
  }

  get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.#url}${path}`, { ...init, headers: { 'content-type': 'application/json' } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.root, { recursive: true, force: true });
  }
}
