import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log, Manifest, Paths } from '@clay/sdk';
import type { ChildRegistry } from './child-registry.ts';
import { nodeFlags } from './node-flags.ts';
import { OutputTail } from './output-tail.ts';
import { spawnChild } from './spawn-child.ts';

export interface TestRun {
  readonly manifest: Manifest;
  /** The module that runs the tests, with the map to their sources. */
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  readonly paths: Paths;
  readonly registry: ChildRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 30,000. */
  readonly timeoutMs?: number;
}

export interface TestOutcome {
  readonly isPassed: boolean;
  /** In a sentence, why not. */
  readonly reason: string;
  /** What they printed, places as `file:line:column` of the plugin's folder. */
  readonly output: string;
}

const defaultTimeoutMs = 30_000;
/** One test: who hangs is named. */
const eachMs = 10_000;
/** The summary stands at the end. */
const outputBytes = 64 * 1024;

/**
 * Runs a plugin's tests in a process of its own that has no rights but a temporary folder, which goes with it. SQLite is
 * open to it, which the bundle of tests shuts again but for that folder; code that is no file of the bundle cannot run.
 */
export async function runTests(run: TestRun): Promise<TestOutcome> {
  const { manifest, paths, registry, clock, log, timeoutMs = defaultTimeoutMs } = run;
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'clay-tests-'));
  const temporary = join(folder, 'tmp');
  try {
    mkdirSync(temporary);
    const entry = join(folder, 'main.mjs');
    writeFileSync(entry, run.code);
    writeFileSync(`${entry}.map`, run.map);
    const flags = [
      ...nodeFlags({ manifest, permissions: [], paths, folder, isOtherUser: false }).filter(
        (flag) => flag !== '--no-experimental-sqlite',
      ),
      `--allow-fs-write=${temporary}`,
      `--allow-fs-write=${join(temporary, '*')}`,
      '--disallow-code-generation-from-strings',
      '--test-reporter=spec',
      `--test-timeout=${eachMs}`,
    ];
    const environment = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
    const options = { plugin: manifest.name, generation: 0, flags, entry, cwd: folder, environment, registry, log };
    const { process: child, pid, strikeOut } = await spawnChild(options);
    const output = new OutputTail(outputBytes);
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => output.push(chunk));
    let isLate = false;
    const cancel = clock.after(timeoutMs, () => {
      isLate = true;
      endGroup(pid);
    });
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
      child.on('close', (...end) => resolve(end));
      // What it has left behind holds the output open.
      child.on('exit', () => endGroup(pid));
    });
    cancel();
    strikeOut();
    const text = output.toString().replaceAll(`file://${folder}/`, '').replaceAll(`${folder}/`, '');
    if (code === 0) return { isPassed: true, reason: '', output: text };
    const [tests, passed] = ['tests', 'pass'].map((name) =>
      Number(new RegExp(`^ℹ ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0),
    );
    const reason = isLate
      ? `took longer than ${timeoutMs} ms`
      : tests === passed
        ? `ended with ${signal ?? `code ${code}`}`
        : `failed: ${tests! - passed!} of ${tests}`;
    return { isPassed: false, reason, output: text };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nothing of it is left.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
