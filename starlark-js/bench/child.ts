/**
 * `node bench/child.ts FILE CALLS [VARIANT]`: compiles and runs one program in a fresh process and prints its times
 * as JSON. The variant `suspendable` adds a function that waits for the host, which main() never calls, and runs the
 * program as one that may wait. The variant `uncounted` takes the counting of steps out of the generated code.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import vm from 'node:vm';
import { compile, HostFunction, type Module, repr, Thread, type Value } from '../src/index.ts';
import { predeclared } from '../test/peer/predeclared.ts';
import type { Variant } from './variants.ts';

const [file, calls, variant = 'plain'] = process.argv.slice(2) as [string?, string?, Variant?];
if (file === undefined || calls === undefined) throw new Error('usage: child.ts FILE CALLS [VARIANT]');
const text = readFileSync(file, 'utf8');
const pause = new HostFunction('pause(ms: int) -> int', async (ms: number) => ms, { suspends: true });
const isSuspendable = variant === 'suspendable';
const source = isSuspendable ? `${text}\ndef wait():\n    return pause(1)\n` : text;
const values: ReadonlyMap<string, Value> = isSuspendable ? new Map([...predeclared, ['pause', pause]]) : predeclared;

if (variant === 'uncounted') {
  const { compileFunction } = vm;
  vm.compileFunction = (code, ...rest) => {
    const uncounted = code.replaceAll('if(--M[0]<0)refill();', '');
    if (uncounted.includes('--M[0]')) throw new Error('steps are counted in a way that this benchmark does not know');
    return compileFunction(uncounted, ...rest);
  };
  // Makes the package see the change, whose import of the function is a live binding.
  syncBuiltinESMExports();
}

const thread = new Thread({ limits: { steps: Number.POSITIVE_INFINITY, wallMs: Number.POSITIVE_INFINITY } });

const call = (module: Module): Value | Promise<Value> =>
  isSuspendable ? module.callAsync('main', [], {}, thread) : module.call('main', [], {}, thread);

const started = performance.now();
const { program, diagnostics } = compile(source, { file, predeclared: values });
if (program === null) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
const module = isSuspendable ? await program.runAsync(thread) : program.run(thread);
let result = isSuspendable ? await call(module) : (call(module) as Value);
const coldMs = performance.now() - started;

const mainMs: number[] = [];
for (let turn = 0; turn < Number(calls); turn++) {
  const before = performance.now();
  result = isSuspendable ? await call(module) : (call(module) as Value);
  mainMs.push(performance.now() - before);
}
console.log(JSON.stringify({ coldMs, mainMs, result: repr(result) }));
