import { type Diagnostic, renderDiagnostic, Source } from 'starlark-js';
import type { ScriptOutline, ScriptTest } from './report.ts';
import type { Script } from './script.ts';

export interface ReportParts {
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
  /** Of an error that came up while the file was loaded: the open calls, where there are several. */
  readonly backtrace?: string;
  readonly outline?: ScriptOutline | null;
  readonly tests?: readonly ScriptTest[];
}

/** A report in words, complete, for an author who may be a model. */
export function reportText({ script, diagnostics, backtrace = '', outline = null, tests = [] }: ReportParts): string {
  const file = `${script.name}.star`;
  const source = new Source(file, script.source);
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const failed = tests.filter(({ isPassed }) => !isPassed);
  const blocks = [
    headline(file, errors, failed.length, outline, tests),
    ...diagnostics.map((each) => renderDiagnostic(each, source)),
    ...(backtrace === '' ? [] : [backtrace]),
    ...failed.map(testText),
  ];
  return blocks.join('\n\n');
}

function headline(
  file: string,
  errors: readonly Diagnostic[],
  failed: number,
  outline: ScriptOutline | null,
  tests: readonly ScriptTest[],
): string {
  if (errors.length > 0) {
    const phase = errors.every(({ code }) => code.startsWith('RUN_')) ? 'load' : 'check';
    return `${file} was not taken: ${counted(errors.length, 'error')} (phase ${phase}).`;
  }
  if (failed > 0) return `${file} was not taken: ${failed} of ${counted(tests.length, 'test')} failed (phase test).`;
  const passed = tests.length === 0 ? 'it has no tests' : `${counted(tests.length, 'test')} passed`;
  return `${file} is good: ${outline === null ? '' : `${contents(outline)}; `}${passed}.`;
}

function contents(outline: ScriptOutline): string {
  const { tools, schedules, events, prompts, hasRun } = outline;
  const parts = [
    ...(tools.length === 0
      ? []
      : [`${tools.length === 1 ? 'tool' : 'tools'} ${tools.map(({ name }) => name).join(', ')}`]),
    ...(schedules.length === 0 ? [] : [`${counted(schedules.length, 'schedule')}`]),
    ...(events.length === 0 ? [] : [`hears ${events.join(', ')}`]),
    ...(prompts === 0 ? [] : [counted(prompts, 'prompt')]),
    ...(hasRun ? [tools.length === 0 ? 'called by extension_run' : 'which extension_run calls too'] : []),
  ];
  return parts.length === 0 ? 'it declares nothing' : parts.join(', ');
}

function testText({ name, ms, message, output }: ScriptTest): string {
  const printed = output === '' ? '' : `printed:\n${indented(output.trimEnd())}\n`;
  return `${name} failed after ${ms} ms\n${indented(`${printed}${message}`)}`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '    ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
