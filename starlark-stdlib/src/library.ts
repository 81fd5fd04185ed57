import {
  check,
  compile,
  type Module,
  type Program,
  renderDiagnostic,
  Source,
  StarlarkError,
  standardModules,
  Thread,
  type Value,
} from 'starlark-js';
import { encodingNatives } from './native/encoding.ts';
import { htmlNatives } from './native/html.ts';
import { httpNatives } from './native/http.ts';
import { serviceNatives } from './native/services.ts';
import { testingNatives } from './native/testing.ts';
import { urlNatives } from './native/url.ts';
import { sources } from './sources.ts';

const prefix = '@std//';

/** What the modules themselves are written over; no script sees it. */
const natives: ReadonlyMap<string, Value> = new Map([
  ...[...standardModules()].map(([name, value]) => [name === 'struct' ? name : `native_${name}`, value] as const),
  ...httpNatives,
  ...serviceNatives,
  ...encodingNatives,
  ...urlNatives,
  ...htmlNatives,
  ...testingNatives,
]);

const modules = new Map<string, Module>();

/** The modules that `load` knows, such as `@std//http.star`. */
export const moduleLabels: readonly string[] = Object.keys(sources)
  .filter((file) => file !== 'hello.star')
  .map((file) => prefix + file)
  .sort();

/**
 * A module of the standard library, run once in this process: it is frozen, and shared by all scripts. Throws a
 * `StarlarkError` of code `LOAD` that names the known ones.
 */
export function loadModule(label: string): Module {
  const known = modules.get(label);
  if (known !== undefined) return known;
  const module = moduleProgram(label).run(new Thread({ name: label }), { load: loadModule });
  modules.set(label, module);
  return module;
}

export function isModuleLabel(label: string): boolean {
  return moduleLabels.includes(label);
}

function moduleProgram(label: string): Program {
  const file = label.slice(prefix.length);
  const text = isModuleLabel(label) ? sources[file] : undefined;
  if (text === undefined)
    throw new StarlarkError('LOAD', `there is no module ${label}; there are ${moduleLabels.join(', ')}`);
  return compileModule(label, text);
}

function compileModule(label: string, text: string): Program {
  const { program, diagnostics } = compile(text, { file: label, predeclared: natives });
  if (program !== null) return program;
  const source = new Source(label, text);
  throw new StarlarkError('SYNTAX', diagnostics.map((each) => renderDiagnostic(each, source)).join('\n'));
}

/** All that is to say against a module of the library, warnings too. */
export function checkModule(label: string, text: string): readonly string[] {
  const source = new Source(label, text);
  return check(text, { file: label, predeclared: natives }).map((each) => renderDiagnostic(each, source));
}
