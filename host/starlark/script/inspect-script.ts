import { setImmediate } from 'node:timers/promises';
import { FakeHost } from '@clay/starlark-stdlib';
import { type Diagnostic, Source, StarlarkError, StarlarkFunction } from 'starlark-js';
import { Execution } from './execution.ts';
import { loadLimits } from './limits.ts';
import { type LoadedScript, loadScript } from './load-script.ts';
import { renderOwnError } from './own-backtrace.ts';
import { fileOf, readScript } from './programs.ts';
import type { ScriptOutline, ScriptReport, ScriptTest } from './report.ts';
import { reportText } from './report-text.ts';
import type { Script } from './script.ts';
import { capabilitiesOf } from './script-permissions.ts';

/**
 * All that can be known of a script before it serves: it is parsed, checked, run without effects, and tested against a fake
 * host. Throws only when `signal` aborts; what is wrong with the script is in the report.
 */
export async function inspectScript(script: Script, signal?: AbortSignal): Promise<ScriptReport> {
  const { program, diagnostics } = readScript(script);
  if (program === null) return reportOf({ script, diagnostics });
  let loaded: LoadedScript;
  try {
    loaded = await loadScript(script, program, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const failure = asStarlarkError(error);
    const all = [...diagnostics, runDiagnostic(script, failure)];
    const backtrace = isDeep(failure) ? renderOwnError(failure) : '';
    return reportOf({ script, diagnostics: all, backtrace });
  }
  const { problems } = loaded.declarations;
  const outline = outlineOf(loaded);
  if (problems.length > 0) {
    const wrong = problems.map((problem) => runDiagnostic(script, problem));
    return reportOf({ script, diagnostics: [...diagnostics, ...wrong], outline });
  }
  return reportOf({
    script,
    diagnostics: [...diagnostics, ...advice(loaded)],
    outline,
    tests: await runTests(loaded, signal),
  });
}

interface Parts {
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
  readonly outline?: ScriptOutline;
  readonly backtrace?: string;
  readonly tests?: readonly ScriptTest[];
}

function reportOf(parts: Parts): ScriptReport {
  const { script, diagnostics, outline = null, tests = [] } = parts;
  const isGood = diagnostics.every(({ severity }) => severity !== 'error') && tests.every(({ isPassed }) => isPassed);
  return {
    name: script.name,
    hash: script.hash,
    isGood,
    outline,
    diagnostics: diagnostics.toSorted((a, b) => a.start - b.start),
    tests,
    text: reportText({ ...parts, outline }),
  };
}

function outlineOf({ declarations, description, run }: LoadedScript): ScriptOutline {
  const { tools, schedules, events, prompts, permissions } = declarations;
  return {
    description: description === '' ? (tools[0]?.description.split('\n', 1)[0] ?? '') : description,
    hasRun: run !== 'none',
    tools: tools.map(({ name, description: told }) => ({ name, description: told })),
    schedules: schedules.map(({ cron }) => cron),
    events: events.map(({ event }) => event),
    prompts: prompts.length,
    permissions,
    calls: [...new Set((permissions ?? []).flatMap(capabilitiesOf))].sort(),
  };
}

/** What works, and could be better. */
function advice({ script, declarations, run, module, program }: LoadedScript): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { name, description, fn } of declarations.tools) {
    if (description !== '') continue;
    const hint = `write """What it does.""" as the first line of ${fn.name}`;
    found.push(
      warning(script, fn.code.line, 'NO_DESCRIPTION', `the model is told nothing about the tool ${name}`, hint),
    );
  }
  if (run === 'top' && module === null) {
    const hint = 'put what has effects into def run(args), so that the file can be checked before it is used';
    found.push(
      warning(
        script,
        1,
        'TOP_LEVEL_EFFECT',
        'the file has effects at its top level, and is run as a whole at every call',
        hint,
      ),
    );
  }
  if (program.functions.some(({ name, parameters }) => name.startsWith('test_') && parameters.length > 0)) {
    const test = program.functions.find(({ name, parameters }) => name.startsWith('test_') && parameters.length > 0)!;
    found.push(
      warning(
        script,
        test.line,
        'TEST_PARAMETERS',
        `${test.name} takes parameters, so it is no test`,
        'a test takes none',
      ),
    );
  }
  return found;
}

async function runTests({ script, module }: LoadedScript, signal: AbortSignal | undefined): Promise<ScriptTest[]> {
  const tests: ScriptTest[] = [];
  if (module === null) return tests;
  for (const [name, value] of module.globals) {
    if (!name.startsWith('test_') || !(value instanceof StarlarkFunction) || value.code.parameters.length > 0) continue;
    // A test need not wait for anything; between two the lane answers its host.
    await setImmediate();
    signal?.throwIfAborted();
    const fake = new FakeHost();
    const execution = new Execution({
      name: `${script.name} ${name}`,
      limits: loadLimits,
      effects: fake,
      fake,
      signal,
    });
    const start = performance.now();
    let message = '';
    try {
      await execution.run((thread) => module.callAsync(name, [], {}, thread));
    } catch (error) {
      signal?.throwIfAborted();
      message = renderOwnError(asStarlarkError(error));
    }
    const ms = Math.round((performance.now() - start) * 10) / 10;
    tests.push({ name, isPassed: message === '', ms, message, output: execution.output });
  }
  return tests;
}

function asStarlarkError(error: unknown): StarlarkError {
  if (error instanceof StarlarkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StarlarkError('INTERNAL', message, [], { cause: error });
}

/** Whether the place alone does not tell how the program got there. */
function isDeep(error: StarlarkError): boolean {
  return error.backtrace.filter(({ file }) => !file.startsWith('@std//')).length > 1 || error.hottest.length > 0;
}

/** An error of running at its innermost place in the author's own file. */
function runDiagnostic(script: Script, error: StarlarkError): Diagnostic {
  const frame = error.backtrace.findLast(({ file }) => file === fileOf(script));
  const place = frame ?? { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const { line, column, endLine, endColumn } = place;
  const hint = error.notes.join(' ');
  return {
    severity: 'error',
    code: `RUN_${error.code}`,
    message: error.message,
    file: fileOf(script),
    start: offsetOf(script.source, line, column),
    end: offsetOf(script.source, endLine, endColumn),
    line,
    column,
    endLine,
    endColumn,
    ...(hint === '' ? {} : { hint }),
  };
}

function warning(script: Script, line: number, code: string, message: string, hint: string): Diagnostic {
  const text = new Source(fileOf(script), script.source).lineText(line);
  const endColumn = text.length + 1;
  const start = offsetOf(script.source, line, 1);
  const end = start + text.length;
  return {
    severity: 'warning',
    code,
    message,
    file: fileOf(script),
    start,
    end,
    line,
    column: 1,
    endLine: line,
    endColumn,
    hint,
  };
}

function offsetOf(source: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const end = source.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(source.length, start + column - 1);
}
