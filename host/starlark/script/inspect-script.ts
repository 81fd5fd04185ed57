import { type Diagnostic, type StarlarkError, StarlarkFunction } from 'starlark-js';
import { advice } from './advice.ts';
import { type LoadedScript, loadScript } from './load-script.ts';
import { renderOwnError } from './own-backtrace.ts';
import { readScript } from './programs.ts';
import type { ScriptOutline, ScriptReport, ScriptTest } from './report.ts';
import { reportText } from './report-text.ts';
import { runTests } from './run-tests.ts';
import type { Script } from './script.ts';
import { asStarlarkError, runDiagnostic } from './script-diagnostic.ts';
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

function outlineOf({ declarations, description, run, module }: LoadedScript): ScriptOutline {
  const { tools, schedules, events, prompts, permissions } = declarations;
  const fn = module?.get('run');
  const told = [description, tools[0]?.description, fn instanceof StarlarkFunction ? fn.code.docstring : null];
  return {
    description: firstLine(told.find((text) => typeof text === 'string' && text !== '') ?? ''),
    hasRun: run !== 'none',
    tools: tools.map((tool) => ({ name: tool.name, description: tool.description })),
    schedules: schedules.map(({ cron }) => cron),
    events: events.map(({ event }) => event),
    prompts: prompts.length,
    permissions,
    calls: [...new Set((permissions ?? []).flatMap(capabilitiesOf))].sort(),
  };
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}

/** Whether the place alone does not tell how the program got there. */
function isDeep(error: StarlarkError): boolean {
  return error.backtrace.filter(({ file }) => !file.startsWith('@std//')).length > 1 || error.hottest.length > 0;
}
