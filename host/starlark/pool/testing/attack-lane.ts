// A lane under the very flags of the product whose scripts are JavaScript with everything in reach: what a script could
// do that had broken out of its language.
import { constants } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { compileFunction } from 'node:vm';
import { definePlugin } from '@clay/sdk';
import { serveLane } from '../../lane/serve-lane.ts';
import type { ScriptReport } from '../../script/report.ts';
import type { Script } from '../../script/script.ts';

// Taken before the lane sheds them: the wall behind that one has to hold as well. What `process.kill` is made of.
const rawKill = (process as unknown as { _kill(pid: number, signal: number): number })._kill;
const builtin = process.getBuiltinModule.bind(process);

/** Gives the name of the error, or nothing. */
function kill(pid: number, signal: keyof typeof constants.signals): string | undefined {
  const outcome = rawKill(pid, constants.signals[signal]);
  return outcome === 0 ? undefined : getSystemErrorName(outcome);
}

function run(script: Script, given: object): unknown {
  const reach = { ...given, kill, builtin, fs: builtin('node:fs'), frame };
  return compileFunction(script.source, Object.keys(reach))(...Object.values(reach));
}

/** A frame as the wire wants it, around any text. */
function frame(text: string): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(Buffer.byteLength(text), 0);
  head.writeUInt8(1, 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

serveLane({
  define: (script) => definePlugin({ name: script.name, setup: async (ctx) => void (await run(script, { ctx })) }),
  async inspect(script, signal) {
    const text = String(await run(script, { signal }));
    const { name, hash } = script;
    const report: ScriptReport = { name, hash, isGood: true, outline: null, diagnostics: [], tests: [], text };
    return report;
  },
});
