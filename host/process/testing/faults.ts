import type { JsonObject } from '@clay/sdk';

import type { DeathReason } from '../process-death.ts';
import type { ChildLimits } from '../watched-process.ts';

/** Where a fault plugin's code goes: at the top of its module, in `setup`, in a probe, in `onLive`, in its tool, at its release. */
export type Place = 'load' | 'setup' | 'probe' | 'live' | 'run' | 'release';

/** A plugin that does one thing wrong, and what has to come of it. */
export interface FaultCase {
  readonly name: string;
  readonly code: Partial<Record<Place, string>>;
  readonly manifest?: JsonObject;
  readonly limits?: Partial<ChildLimits>;
  /** The first step that fails, and what its error says; null when none fails. */
  readonly fails: readonly ['stage' | 'live' | 'call', RegExp] | null;
  /** Ways in which the process may end; none when it lives on until it is stopped. */
  readonly ends: readonly (readonly [DeathReason, number | string | null])[];
  /** Whether its own line in its own source is known. Default false. */
  readonly isLocated?: boolean;
}

/** A spin is caught in a fraction of the usual time. */
export const fastPings: Partial<ChildLimits> = { pingEveryMs: 250, maxMissedPings: 3 };

/** A process that may start no programs cannot signal any either, itself included. */
export const maySignal = { permissions: ['shell'] };
/** Killed when it breaks its line; or gone by itself in that moment, as its line has ended. */
const cut: FaultCase['ends'] = [
  ['wire', 'SIGKILL'],
  ['wire', 0],
];
const raw = (bytes: string) => `fs.writeSync(4, ${bytes}); await new Promise(() => {});`;
const frame = (text: string) => `frame(${JSON.stringify(text)})`;
const unknown = /outcome is unknown|Whether it took effect is unknown/;

export const faultCases: readonly FaultCase[] = [
  {
    name: 'throws at import',
    code: { load: 'throw new TypeError("broken import");' },
    fails: ['stage', /broken import/],
    ends: [['exited', 1]],
    isLocated: true,
  },
  {
    name: 'exports no plugin',
    code: { load: 'process.nextTick(() => {}); exported = {};' },
    fails: ['stage', /must export definePlugin/],
    ends: [['exited', 1]],
  },
  {
    name: 'throws in setup',
    code: { setup: 'throw new RangeError("broken setup");' },
    fails: ['stage', /broken setup/],
    ends: [],
    isLocated: true,
  },
  {
    name: 'has an effect in setup',
    code: { setup: 'await ctx.store.set("a", 1);' },
    fails: ['stage', /setup may only declare/],
    ends: [],
  },
  {
    name: 'never says ready',
    code: { setup: 'await new Promise(() => {});' },
    manifest: { limits: { startMs: 700 } },
    fails: ['stage', /was not ready within 700 ms/],
    ends: [],
  },
  {
    name: 'is ready, then exits 0',
    code: { live: 'setTimeout(() => process.exit(0), 10);' },
    fails: null,
    ends: [['exited', 0]],
  },
  {
    name: 'is ready, then exits 1',
    code: { live: 'setTimeout(() => process.exit(1), 10);' },
    fails: null,
    ends: [['exited', 1]],
  },
  {
    name: 'throws in a timer',
    code: { live: 'setTimeout(() => { throw new Error("late"); }, 10);' },
    fails: null,
    ends: [['exited', 1]],
    isLocated: true,
  },
  {
    name: 'rejects unhandled',
    code: { live: 'setTimeout(async () => { throw new Error("nobody waits"); }, 10);' },
    fails: null,
    ends: [['exited', 1]],
    isLocated: true,
  },
  {
    name: 'rejects unhandled with what is no error',
    code: { run: 'Promise.reject("just text"); await new Promise(() => {});' },
    fails: ['call', unknown],
    ends: [['exited', 1]],
  },
  {
    name: 'allocates objects until it dies',
    code: { run: 'const all: object[] = []; for (;;) all.push(new Array(1000).fill({}));' },
    manifest: { limits: { memoryMb: 32 } },
    fails: ['call', unknown],
    ends: [
      ['signalled', 'SIGABRT'],
      ['memory', 'SIGKILL'],
    ],
  },
  {
    name: 'allocates buffers past its limit',
    code: {
      run: 'const all: Buffer[] = []; for (;;) { all.push(Buffer.alloc(1 << 20, 1)); await new Promise((r) => setTimeout(r, 1)); }',
    },
    manifest: { limits: { memoryMb: 32 } },
    limits: { measureEveryMs: 20 },
    fails: ['call', unknown],
    ends: [['memory', 'SIGKILL']],
  },
  {
    name: 'closes its channel and lives',
    code: { run: 'fs.closeSync(4); await new Promise((r) => setTimeout(r, 60_000));' },
    fails: ['call', unknown],
    ends: [
      ['closed-line', 'SIGKILL'],
      ['signalled', 'SIGABRT'],
    ],
  },
  {
    name: 'floods the channel from a loop',
    code: {
      run: `for (;;) try { fs.writeSync(4, ${frame('{"type":"log","level":"info","event":"x","fields":{}}')}); } catch {}`,
    },
    fails: ['call', unknown],
    // Whichever is seen first: it answers no pings either.
    ends: [
      ['flood', 'SIGKILL'],
      ['unresponsive', 'SIGKILL'],
    ],
  },
  {
    name: 'floods the channel while it turns its loop',
    code: { run: 'for (;;) { for (let n = 0; n < 5_000; n++) ctx.log.info("x"); await new Promise(setImmediate); }' },
    fails: ['call', unknown],
    ends: [['flood', 'SIGKILL']],
  },
  {
    name: 'answers twice',
    code: { run: `fs.writeSync(4, frame(JSON.stringify({ type: 'reply', id: call.id, value: 1 }))); return 2;` },
    fails: null,
    ends: [],
  },
  {
    name: 'answers a foreign id',
    code: {
      run: `for (let n = 0; n < 100; n++) fs.writeSync(4, frame(JSON.stringify({ type: 'reply', id: 'pump-' + n, value: 'forged' }))); return 1;`,
    },
    fails: null,
    ends: [],
  },
  {
    name: 'acks and dies',
    manifest: maySignal,
    code: { run: `process.kill(process.pid, 'SIGKILL');` },
    fails: ['call', unknown],
    ends: [['signalled', 'SIGKILL']],
  },
  {
    name: 'replies and dies',
    code: { run: 'setImmediate(() => process.exit(1)); return 1;' },
    fails: null,
    ends: [['exited', 1]],
  },
  {
    name: 'replaces the handlers of uncaught errors, and throws',
    code: { live: 'process.removeAllListeners(); setTimeout(() => { throw new Error("bare"); }, 10);' },
    fails: null,
    ends: [['exited', 1]],
    isLocated: true,
  },
  ...(
    [
      ['a stray newline', 'Buffer.from("\\n\\n\\n\\n\\n\\n")'],
      ['text', 'Buffer.from("hello, this is no frame")'],
      ['a zero-length frame', 'Buffer.from([0, 0, 0, 0, 1])'],
      ['a huge length', 'Buffer.from([0xff, 0xff, 0xff, 0xff, 1])'],
      ['a frame of an unknown kind', 'Buffer.from([0, 0, 0, 2, 9, 123, 125])'],
      ['a frame that is no JSON', frame('{"type":')],
      ['a frame that is null', frame('null')],
      ['a message of the host', frame('{"type":"drain","graceMs":0}')],
      ['a message without its members', frame('{"type":"reply"}')],
      ['a message that is nested too deep', 'frame("[".repeat(5_000) + "]".repeat(5_000))'],
      ['a frame with the name __proto__', frame('{"type":"ack","id":{"__proto__":1}}')],
      ['bytes that are no UTF-8', 'Buffer.from([0, 0, 0, 2, 1, 0xc3, 0x28])'],
    ] as const
  ).map(
    ([name, bytes]): FaultCase => ({
      name: `sends ${name}`,
      code: { run: raw(bytes) },
      fails: ['call', unknown],
      ends: cut,
    }),
  ),
  {
    name: 'sends half a frame and exits',
    code: { run: 'fs.writeSync(4, Buffer.from([0, 0, 0, 9, 1, 123])); process.exit(1);' },
    fails: ['call', unknown],
    ends: [['exited', 1]],
  },
  {
    name: 'sends half a frame and says no more',
    code: { run: raw('Buffer.from([0, 0, 0, 9, 1, 123])') },
    // Its next pong ends the frame, wrongly.
    fails: ['call', unknown],
    ends: cut,
  },
];

/** What can happen at any point of a life. */
export const deaths: readonly (readonly [string, string, DeathReason, number | string | null])[] = [
  ['exits 1', 'process.exit(1);', 'exited', 1],
  ['kills itself with SIGKILL', `process.kill(process.pid, 'SIGKILL'); for (;;) {}`, 'signalled', 'SIGKILL'],
  ['kills itself with SIGSEGV', `process.kill(process.pid, 'SIGSEGV'); for (;;) {}`, 'signalled', 'SIGSEGV'],
  ['aborts', 'process.abort();', 'signalled', 'SIGABRT'],
  ['spins', 'for (;;) {}', 'unresponsive', 'SIGKILL'],
];

/** The source of a fault plugin. Its tool is `run`. */
export function faultSource(code: FaultCase['code']): string {
  return `import * as fs from 'node:fs';
import { definePlugin } from '@clay/sdk';

function frame(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 0);
  head.writeUInt8(1, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

let exported: unknown = null;
${code.load ?? ''}
exported ??= definePlugin({
  name: 'faulty',
  async setup(ctx) {
    ctx.tool({ name: 'run', description: 'Runs.', parameters: { type: 'object' }, run: async (args: any, call): Promise<any> => {
      ${code.run ?? ''}
      return [typeof frame, typeof fs, args];
    } });
    ctx.probe({ name: 'probe', async run() { ${code.probe ?? ''} } });
    ctx.onLive(async () => {
      ctx.effect('release', () => async () => { ${code.release ?? ''} });
      ${code.live ?? ''}
    });
    ${code.setup ?? ''}
  },
});
export default exported;
`;
}
