/**
 * Runs hostile programs in a process of its own, one per message, and answers with the outcome. When this process
 * dies, the test knows which program killed it.
 */
import { compile, StarlarkError, Thread } from '../../src/index.ts';
import { predeclared } from '../peer/predeclared.ts';
import type { HostileAnswer, HostileRequest } from './jail.ts';

function run({ source, limits, load }: HostileRequest): Pick<HostileAnswer, 'output' | 'error'> {
  const printed: string[] = [];
  let length = 0;
  const output = () => printed.map((line) => `${line}\n`).join('');
  const { program, diagnostics } = compile(source, {
    file: 'hostile.star',
    predeclared,
  });
  const fault = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (program === null) return { output: '', error: `${fault?.code}: ${fault?.message}` };
  const thread = new Thread({
    ...(limits ? { limits } : {}),
    print: (line) => {
      length += line.length;
      if (length < 100_000) printed.push(line);
    },
  });
  try {
    const module = program.run(thread);
    if (load !== undefined) module.call(load);
    return { output: output(), error: null };
  } catch (error) {
    if (!(error instanceof StarlarkError))
      return { output: output(), error: `NOT AN ORDINARY ERROR: ${String(error)}` };
    return { output: output(), error: `${error.code}: ${error.message}` };
  }
}

process.on('message', (request: HostileRequest) => {
  const started = performance.now();
  const answer: HostileAnswer = {
    ...run(request),
    ms: performance.now() - started,
    peakMb: process.resourceUsage().maxRSS / 1024,
  };
  process.send!(answer);
});
