/** `node bench/child.ts FILE CALLS`: compiles and runs one program in a fresh process and prints its times as JSON. */
import { readFileSync } from 'node:fs';
import { compile, repr, Thread } from '../src/index.ts';
import { predeclared } from '../test/peer/predeclared.ts';

const [file, calls] = process.argv.slice(2);
if (file === undefined || calls === undefined) throw new Error('usage: child.ts FILE CALLS');
const text = readFileSync(file, 'utf8');

const started = performance.now();
const { program, diagnostics } = compile(text, { file, predeclared });
if (program === null) throw new Error(diagnostics.map((diagnostic) => diagnostic.message).join('\n'));
const thread = new Thread({ limits: { steps: Number.POSITIVE_INFINITY, wallMs: Number.POSITIVE_INFINITY } });
const module = program.run(thread);
let result = module.call('main', [], {}, thread);
const coldMs = performance.now() - started;

const mainMs: number[] = [];
for (let call = 0; call < Number(calls); call++) {
  const before = performance.now();
  result = module.call('main', [], {}, thread);
  mainMs.push(performance.now() - before);
}
console.log(JSON.stringify({ coldMs, mainMs, result: repr(result) }));
