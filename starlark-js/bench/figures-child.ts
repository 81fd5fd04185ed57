/** `node --expose-gc bench/figures-child.ts`: the figures that need no peer, as JSON. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { compile, HostFunction, repr, Thread, type Value } from '../src/index.ts';
import { predeclared } from '../test/peer/predeclared.ts';
import type { Figures } from './figures.ts';
import { listPrograms, STARTUP_FILE } from './programs.ts';
import { median } from './statistics.ts';

function compileOrThrow(text: string, extra: ReadonlyMap<string, Value> = predeclared) {
  const { program, diagnostics } = compile(text, { file: 'bench.star', predeclared: extra });
  if (program === null) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
  return program;
}

/** Programs whose top level computes something, which must not count as compiling. */
const BUSY = /b14_csv|b15_html|s_string_parsing/;

/** The other programs again and again, from source to functions that are ready to be called. */
function measureCompile(): number {
  const files = listPrograms().filter(({ name }) => !BUSY.test(name));
  const sources = files.map(({ file }) => readFileSync(file, 'utf8'));
  const kilobytes = sources.reduce((sum, source) => sum + source.length, 0) / 1024;
  const rounds: number[] = [];
  for (let round = 0; round < 60; round++) {
    const started = performance.now();
    for (const source of sources) compileOrThrow(source).prepare();
    rounds.push(performance.now() - started);
  }
  return (median(rounds.slice(40)) * 1000) / kilobytes;
}

/** The five-line script, a new text every time, from source to the result of main(). */
function measureScript(): number {
  const source = readFileSync(STARTUP_FILE, 'utf8');
  const times: number[] = [];
  for (let turn = 0; turn < 400; turn++) {
    const text = `${source}# ${turn}\n`;
    const started = performance.now();
    const thread = new Thread();
    const module = compileOrThrow(text).run(thread);
    if (repr(module.call('main', [], {}, thread)) !== '"5 items, 165 in all"') throw new Error('a wrong result');
    times.push(performance.now() - started);
  }
  return median(times.slice(200));
}

const WAITING = 100;

/** A hundred scripts that wait at the same time in this one thread, each in a loop in a function in a function. */
async function measureWaiting(): Promise<{ wallMs: number; kbEach: number }> {
  const gc = globalThis.gc;
  if (gc === undefined) throw new Error('run with --expose-gc');
  const pause = new HostFunction(
    'pause(ms: int) -> int',
    async (ms: number) => {
      await delay(ms);
      return ms;
    },
    { suspends: true },
  );
  const program = compileOrThrow(
    'def inner(ms):\n    total = 0\n    for _ in [1]:\n        total += pause(ms)\n    return total\n\ndef main():\n    return [inner(100)]\n',
    new Map([...predeclared, ['pause', pause]]),
  );
  const start = async (): Promise<number> => {
    const thread = new Thread();
    const module = await program.runAsync(thread);
    return repr(await module.callAsync('main', [], {}, thread)).length;
  };
  for (let turn = 0; turn < 5; turn++) await Promise.all(Array.from({ length: WAITING }, start));
  gc();
  const before = process.memoryUsage();
  const started = performance.now();
  const running = Promise.all(Array.from({ length: WAITING }, start));
  await delay(20);
  gc();
  const during = process.memoryUsage();
  await running;
  const wallMs = performance.now() - started;
  return { wallMs, kbEach: (during.heapUsed + during.external - before.heapUsed - before.external) / 1024 / WAITING };
}

const waiting = await measureWaiting();
const figures: Figures = {
  compileUsPerKb: measureCompile(),
  scriptMs: measureScript(),
  waitingWallMs: waiting.wallMs,
  waitingKbEach: waiting.kbEach,
};
console.log(JSON.stringify(figures));
