import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EventJson } from '../event-json.ts';
import type { ScriptedAnswer } from './anthropic-script.ts';
import { type AnthropicServer, startAnthropicServer } from './anthropic-server.ts';

const script = join(import.meta.dirname, 'killable-host.ts');

interface Resumed {
  readonly outcomes: readonly { readonly status: string; readonly text: string }[];
  readonly events: readonly EventJson[];
}

export interface Killing {
  readonly server: AnthropicServer;
  readonly folder: string;
  /** Ends the host without a warning. */
  kill(): Promise<void>;
  /** Lines that the tool has left. */
  lines(): string[];
  /** Starts a new host on the same volume, to the end of what it found open. */
  resume(): Promise<Resumed>;
}

/** A turn in a process of its own, see `killable-host.ts`. */
export async function beginTurn(
  t: TestContext,
  answers: (child: () => ChildProcess) => ScriptedAnswer[],
): Promise<Killing> {
  const folder = mkdtempSync(join(tmpdir(), 'clay-kill-'));
  const server = await startAnthropicServer();
  const children: ChildProcess[] = [];
  const start = (...message: string[]) => {
    const child = spawn(process.execPath, [script, folder, server.url, ...message], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  t.after(async () => {
    for (const running of children) running.kill('SIGKILL');
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  server.script(answers(() => children[0]!));
  const child = start('count to two');
  const file = join(folder, 'lines.txt');
  return {
    server,
    folder,
    async kill() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
    lines: () => (existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []),
    async resume() {
      const next = start();
      let output = '';
      next.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
      await once(next, 'close');
      return JSON.parse(output) as Resumed;
    },
  };
}

/** Kills the host when the provider has sent this many events of an answer, and says so. */
export function deadly(
  answer: ScriptedAnswer,
  after: number,
  child: () => ChildProcess,
  killed: () => void,
): ScriptedAnswer {
  return {
    ...answer,
    async beforeNext(sent: number) {
      if (sent !== after) return;
      const exit = once(child(), 'exit');
      child().kill('SIGKILL');
      await exit;
      killed();
    },
  } as ScriptedAnswer;
}

/** Waits for a change in the folder that makes `isTrue` true. */
export async function until(folder: string, isTrue: () => boolean): Promise<void> {
  const changes = watch(folder);
  while (!isTrue()) await once(changes, 'change');
  changes.close();
}
