import type { JsonObject } from '@clay/sdk';

/** Where in its life a plugin breaks. */
export type Place = 'load' | 'setup' | 'probe' | 'run' | 'release' | 'nowhere';

/** The line of {@link brokenSource} on which the fault's own code begins. */
export const faultLine = 5;

/**
 * A plugin that answers `NAME_say` with `says`, and breaks at one place. What breaks at `run` waits for `{ fault: true }`.
 */
export function brokenSource(name: string, says: string, place: Place, code: string): string {
  const at = (where: Place, text = 'await fault(ctx);') => (place === where ? text : '');
  const isSpawning = code.includes('spawn(');
  return `import * as fs from 'node:fs';
${isSpawning ? `import { spawn } from 'node:child_process';` : ''}
import { type Context, definePlugin } from '@clay/sdk';
async function fault(ctx: Context): Promise<unknown> {
${code.trim().replaceAll('\n', ' ')} return [fs, ctx];
}
function frame(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 0);
  head.writeUInt8(1, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}
void frame;
void fault;
${at('load', 'await fault(undefined as never);')}
export default definePlugin({
  name: '${name}',
  async setup(ctx) {
    ${at('setup')}
    ctx.tool({
      name: '${name.replaceAll('-', '_')}_say',
      description: 'Says it.',
      parameters: { type: 'object', properties: { fault: { type: 'boolean' } } },
      async run({ fault: isFault }: { fault?: boolean }) {
        if (isFault === true) { ${at('run')} }
        return '${says}';
      },
    });
    ctx.probe({ name: 'works', timeoutMs: ${place === 'probe' ? 900 : 5_000}, async run() { ${at('probe')} } });
    ctx.onLive(() => {
      ctx.effect('release', () => async () => { ${at('release')} });
    });
  },
});
`;
}

/** What a plugin does wrong at whatever place, and what is then told of it. */
export interface BrokenKind {
  readonly name: string;
  readonly code: string;
  /** `dies`: its process ends. `throws`: whoever called hears it. `hangs`: it never comes back. */
  readonly how: 'dies' | 'throws' | 'hangs';
  /** The cause as the crash log names it. */
  readonly cause: RegExp;
  /** Whether the line of the fault is known. */
  readonly isLocated?: boolean;
  readonly manifest?: JsonObject;
  /** Places where it cannot be told from what it does elsewhere, or cannot be done. */
  readonly except?: readonly Place[];
}

/** With a timer, as a process with nothing to wait for ends. */
const never = 'await new Promise((resolve) => setTimeout(resolve, 60_000));';
/** Nothing else is run any more. */
const die = 'for (;;) {}';

/** A process that may start no programs cannot signal any either, itself included. */
const maySignal = { permissions: ['shell', 'fs.read:public'] };

/** Those first that are waited for longest. */
export const brokenKinds: readonly BrokenKind[] = [
  { name: 'spins', code: die, how: 'dies', cause: /answered none of 3 pings|not ready within/, except: ['load'] },
  { name: 'never comes back', code: never, how: 'hangs', cause: /was not ready within|900 ms/ },
  { name: 'throws', code: 'throw new TypeError("broken");', how: 'throws', cause: /broken/, isLocated: true },
  { name: 'exits 0', code: 'process.exit(0);', how: 'dies', cause: /exited with code 0/ },
  { name: 'exits 1', code: 'process.exit(1);', how: 'dies', cause: /exited with code 1/ },
  {
    name: 'throws in a timer',
    code: `setTimeout(() => { throw new RangeError("late"); }, 1); ${never}`,
    how: 'dies',
    cause: /late/,
    isLocated: true,
  },
  {
    name: 'rejects unhandled',
    code: `void (async () => { throw new Error("nobody waits"); })(); ${never}`,
    how: 'dies',
    cause: /nobody waits/,
    isLocated: true,
  },
  {
    name: 'allocates until it dies',
    code: 'const all: Buffer[] = []; for (;;) { all.push(Buffer.alloc(4 << 20, 1)); await new Promise((r) => setTimeout(r, 1)); }',
    how: 'dies',
    cause: /MB of memory/,
    manifest: { limits: { memoryMb: 32 } },
  },
  {
    name: 'kills itself with SIGKILL',
    code: `process.kill(process.pid, 'SIGKILL'); ${die}`,
    manifest: maySignal,
    how: 'dies',
    cause: /SIGKILL/,
  },
  {
    name: 'kills itself with SIGSEGV',
    code: `process.kill(process.pid, 'SIGSEGV'); ${die}`,
    manifest: maySignal,
    how: 'dies',
    cause: /SIGSEGV/,
  },
  { name: 'aborts', code: 'process.abort();', how: 'dies', cause: /SIGABRT/, isLocated: true },
  { name: 'closes its channel', code: `fs.closeSync(4); ${never}`, how: 'dies', cause: /closed its line|SIGABRT/ },
  {
    name: 'floods the channel',
    code: 'for (;;) { for (let n = 0; n < 5_000; n++) ctx.log.info("x"); await new Promise(setImmediate); }',
    how: 'dies',
    // Whichever is seen first: it answers no pings either.
    cause: /more than 20000 messages|answered none of 3 pings|was not ready within/,
    except: ['load'],
  },
  {
    name: 'speaks nonsense',
    code: `fs.writeSync(4, Buffer.from([0, 0, 0, 2, 9, 123, 125])); ${never}`,
    how: 'dies',
    cause: /protocol|kind|frame/i,
  },
];
