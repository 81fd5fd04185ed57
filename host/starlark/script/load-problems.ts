import { isModuleLabel, loadModule, moduleLabels } from '@clay/starlark-stdlib';
import { type Diagnostic, defaultDialect, parse, Source } from 'starlark-js';
import type { Script } from './script.ts';

const modules: ReadonlyMap<string, string> = new Map(
  moduleLabels.map((label) => [label.replace(/^@std\/\/|\.star$/g, ''), label]),
);

/** The line that makes a module of the library known. */
function loadLine(name: string): string {
  return `load("${modules.get(name)}", "${name}")`;
}

/** What authors know from Python, and the module that does it here. */
const namesOfPython: ReadonlyMap<string, string> = new Map([
  ['requests', 'http'],
  ['httpx', 'http'],
  ['urllib', 'http'],
  ['datetime', 'time'],
  ['hashlib', 'hash'],
  ['hmac', 'hash'],
  ['os', 'files'],
  ['pathlib', 'files'],
  ['textwrap', 'text'],
  ['bs4', 'html'],
  ['statistics', 'math'],
  ['unittest', 'testing'],
  ['pytest', 'testing'],
]);

/** The module that is meant by a name; null when none is. */
function meant(name: string): string | null {
  if (modules.has(name)) return name;
  return namesOfPython.get(name) ?? null;
}

/** Says which module to load, where a name of one is undefined or imported as in Python. */
export function hinted(diagnostic: Diagnostic, source: string): Diagnostic {
  const isImport = diagnostic.code.startsWith('SYNTAX_') && /^got (import|from)\b/.test(diagnostic.message);
  const name = isImport
    ? /^\s*(?:import|from)\s+(\w+)/.exec(source.slice(diagnostic.start))?.[1]
    : diagnostic.code === 'RESOLVE_UNDEFINED'
      ? /^undefined: (\w+)/.exec(diagnostic.message)?.[1]
      : undefined;
  const module = meant(name ?? '');
  if (module === null) return diagnostic;
  if (isImport) return { ...diagnostic, hint: `Starlark has no import: write ${loadLine(module)}` };
  return { ...diagnostic, message: `undefined: ${name}`, hint: `write ${loadLine(module)} at the top of the file` };
}

/** What is wrong with the `load` statements of a file: modules and names that do not exist. */
export function loadProblems(script: Script): Diagnostic[] {
  if (!script.source.includes('load')) return [];
  const source = new Source(`${script.name}.star`, script.source);
  const { file, diagnostics } = parse(source, defaultDialect);
  if (diagnostics.some(({ severity }) => severity === 'error')) return [];
  return file.body.flatMap((statement) => {
    if (statement.kind !== 'Load') return [];
    const { module, bindings } = statement;
    if (!isModuleLabel(module.value))
      return [problem(source, module, `there is no module ${JSON.stringify(module.value)}`, moduleHint(module.value))];
    const { globals } = loadModule(module.value);
    return bindings
      .filter(({ name }) => !globals.has(name.value) || name.value.startsWith('_'))
      .map(({ name }) => {
        const names = [...globals.keys()].filter((each) => !each.startsWith('_'));
        return problem(
          source,
          name,
          `${module.value} has no ${JSON.stringify(name.value)}`,
          `it has ${names.join(', ')}`,
        );
      });
  });
}

function moduleHint(label: string): string {
  const name = label.replace(/^.*[/:@]/, '').replace(/\.star$/, '');
  const module = meant(name);
  if (module !== null) return `write ${loadLine(module)}`;
  return `there are ${moduleLabels.join(', ')}`;
}

function problem(
  source: Source,
  at: { readonly start: number; readonly end: number },
  message: string,
  hint: string,
): Diagnostic {
  const from = source.position(at.start);
  const to = source.position(at.end);
  return {
    severity: 'error',
    code: 'LOAD',
    message,
    file: source.name,
    start: at.start,
    end: at.end,
    line: from.line,
    column: from.column,
    endLine: to.line,
    endColumn: to.column,
    hint,
  };
}
