import { isModuleLabel, loadModule, moduleLabels } from '@clay/starlark-stdlib';
import { type Diagnostic, defaultDialect, parse, Source } from 'starlark-js';
import { memberProblems, problemAt } from './member-problems.ts';
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

/** Functions that authors know from Python, and where they are here. */
const functionsOfPython: ReadonlyMap<string, string> = new Map([
  ['sum', 'math.sum(xs)'],
  ['round', 'math.round_to(x, 2)'],
  ['pow', 'math.pow(x, y)'],
  ['sqrt', 'math.sqrt(x)'],
  ['floor', 'math.floor(x)'],
  ['ceil', 'math.ceil(x)'],
  ['mean', 'math.mean(xs)'],
  ['median', 'math.median(xs)'],
  ['open', 'files.read(path)'],
  ['secrets', 'http.secret("NAME")'],
  ['secret', 'http.secret("NAME")'],
  ['getenv', 'http.secret("NAME")'],
  ['env', 'http.secret("NAME")'],
  ['quote', 'url.quote(text)'],
  ['urlencode', 'http.get(url, params = {"name": value})'],
  ['urlopen', 'http.get(url)'],
  ['fetch', 'http.get(url)'],
  ['randint', 'random.int(1, 6)'],
  ['sha256', 'hash.sha256(text)'],
  ['md5', 'hash.md5(text)'],
]);

const withoutOpen = `${loadLine('files')} at the top of the file, and files.read(path), files.write(path, text) or files.append(path, text)`;

/** Functions of this host that declare something: they give back nothing. */
const declaring: ReadonlySet<string> = new Set(['tool', 'schedule', 'on', 'prompt']);

/** The module that is meant by a name; null when none is. */
function meant(name: string): string | null {
  if (modules.has(name)) return name;
  return namesOfPython.get(name) ?? null;
}

/** What the language finds wrong, with what this host has for it. */
export function hinted(diagnostic: Diagnostic, source: string): Diagnostic {
  if (diagnostic.code === 'RESOLVE_UNDEFINED') return undefinedHinted(diagnostic, source);
  if (diagnostic.code === 'CHECK_ANNOTATION') return annotationHinted(diagnostic);
  if (diagnostic.code === 'SYNTAX_CHARACTER') return decoratorHinted(diagnostic);
  if (diagnostic.message.startsWith('got with,') && /^with\s+open\(/.test(source.slice(diagnostic.start)))
    return { ...diagnostic, hint: `Starlark has no with: write ${withoutOpen}` };
  const isQuoted = /^(tool|schedule|on|prompt): for parameter fn: got string/.test(diagnostic.message);
  if (isQuoted) return { ...diagnostic, hint: 'give the function itself, without quotes, as in tool(run)' };
  const isImport = diagnostic.code.startsWith('SYNTAX_') && /^got (import|from)\b/.test(diagnostic.message);
  const name = isImport ? /^\s*(?:import|from)\s+(\w+)/.exec(source.slice(diagnostic.start))?.[1] : undefined;
  const module = meant(name ?? '');
  return module === null ? diagnostic : { ...diagnostic, hint: `Starlark has no import: write ${loadLine(module)}` };
}

function undefinedHinted(diagnostic: Diagnostic, source: string): Diagnostic {
  const name = /^undefined: (\w+)/.exec(diagnostic.message)?.[1] ?? '';
  const isEnvironment = /^os\s*\.\s*(environ|getenv)\b/.test(source.slice(diagnostic.start, diagnostic.start + 100));
  const call = functionsOfPython.get(isEnvironment ? 'env' : name);
  const module = call === undefined ? meant(name) : call.slice(0, call.indexOf('.'));
  if (module === null) return diagnostic;
  const use = call === undefined ? '' : `, and ${call} instead of ${name}`;
  return {
    ...diagnostic,
    message: `undefined: ${name}`,
    hint: `write ${loadLine(module)} at the top of the file${use}`,
  };
}

/** This host knows no types but those of the language: what is none is wrong everywhere alike. */
function annotationHinted(diagnostic: Diagnostic): Diagnostic {
  const hint =
    diagnostic.hint ?? 'the types are str, int, float, bool, list, dict, None and Any; a time is passed as a str';
  return { ...diagnostic, severity: 'error', hint };
}

/** `tool(run)` stands alone: it gives back nothing that a name could hold. */
function decoratorHinted(diagnostic: Diagnostic): Diagnostic {
  const [, decorator = '', name = ''] = /remove @(.*), and write (\w+) = /s.exec(diagnostic.hint ?? '') ?? [];
  const [, declared = '', given = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(decorator) ?? [];
  if (!declaring.has(declared)) return diagnostic;
  const first = declared === 'tool' || declared === 'prompt' ? [name, given] : [given, name];
  const call = `${declared}(${first.filter((each) => each !== '').join(', ')})`;
  return {
    ...diagnostic,
    hint: `Starlark has no decorators: remove @${decorator}, and write ${call} after the function`,
  };
}

/** What is wrong with the `load` statements of a file, and with what is used of them: modules, names and members that do not exist. */
export function loadProblems(script: Script): Diagnostic[] {
  if (!script.source.includes('load')) return [];
  const source = new Source(`${script.name}.star`, script.source);
  const { file, diagnostics } = parse(source, defaultDialect);
  if (diagnostics.some(({ severity }) => severity === 'error')) return [];
  const problem = (at: { readonly start: number; readonly end: number }, message: string, hint: string) =>
    problemAt(source, at, 'error', 'LOAD', message, hint);
  const found = file.body.flatMap((statement) => {
    if (statement.kind !== 'Load') return [];
    const { module, bindings } = statement;
    if (!isModuleLabel(module.value))
      return [problem(module, `there is no module ${JSON.stringify(module.value)}`, moduleHint(module.value))];
    const { globals } = loadModule(module.value);
    return bindings
      .filter(({ name }) => !globals.has(name.value) || name.value.startsWith('_'))
      .map(({ name }) => {
        const names = [...globals.keys()].filter((each) => !each.startsWith('_'));
        return problem(name, `${module.value} has no ${JSON.stringify(name.value)}`, `it has ${names.join(', ')}`);
      });
  });
  return [...found, ...memberProblems(file, source)];
}

function moduleHint(label: string): string {
  const name = label.replace(/^.*[/:@]/, '').replace(/\.star$/, '');
  const module = meant(name);
  if (module !== null) return `write ${loadLine(module)}`;
  return `there are ${moduleLabels.join(', ')}`;
}
