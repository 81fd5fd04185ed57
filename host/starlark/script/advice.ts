import { type Diagnostic, parseDocstring, StarlarkFunction } from 'starlark-js';
import type { LoadedScript } from './load-script.ts';
import { warning } from './script-diagnostic.ts';

/** What works, and could be better. */
export function advice(loaded: LoadedScript): Diagnostic[] {
  return [...formOfRun(loaded), ...nothingToCall(loaded), ...toolTexts(loaded), ...testParameters(loaded)];
}

/** A `run` that would be taken for another than its author means. */
function formOfRun({ script, run, module, program }: LoadedScript): Diagnostic[] {
  if (run === 'top' && module === null) {
    const hint = 'put what has effects into def run(args), so that the file can be checked before it is used';
    const message = 'the file has effects at its top level, and is run as a whole at every call';
    return [warning(script, 1, 'TOP_LEVEL_EFFECT', message, hint)];
  }
  const fn = program.functions.findLast(({ name }) => name === 'run');
  const parameter = fn?.parameters[0]?.name ?? 'args';
  if (run !== 'original' || fn === undefined || parameter === 'args') return [];
  const message = `run(${parameter}) has no type and no docstring: it gets one dict, by extension_run, and no tool is made of it`;
  const hint = `for a tool write def run(${parameter}: str): and """What it does.""" below it; for one dict write def run(args):`;
  return [warning(script, fn.line, 'RUN_FORM', message, hint)];
}

/** A file that nobody can call, and nothing calls. */
function nothingToCall({ script, run, declarations, module, output }: LoadedScript): Diagnostic[] {
  const { tools, schedules, events, prompts } = declarations;
  if ([tools, schedules, events, prompts].some((each) => each.length > 0)) return [];
  if (module === null || run === 'original' || run === 'typed' || output !== '') return [];
  const functions = [...module.globals].filter(
    ([name, value]) => value instanceof StarlarkFunction && !name.startsWith('test_') && !name.startsWith('_'),
  );
  const isDescribed = (value: unknown) => value instanceof StarlarkFunction && value.code.docstring !== null;
  const [name, fn] =
    functions.find(([name]) => name === 'main') ??
    functions.find(([, value]) => isDescribed(value)) ??
    functions.at(-1) ??
    [];
  const line = fn instanceof StarlarkFunction ? fn.code.line : 1;
  const message = 'nothing in the file can be called: it has no run, and declares no tool, schedule, event or prompt';
  const hint =
    name === undefined
      ? 'write def run(city: str): with a docstring, which becomes a tool'
      : `write tool(${name}) at the end of the file, or name the function run`;
  return [warning(script, line, 'NOTHING_TO_CALL', message, hint)];
}

/** What a model reads of the tools. */
function toolTexts({ script, declarations }: LoadedScript): Diagnostic[] {
  return declarations.tools.flatMap(({ name, description, fn }) => {
    const { line, parameters, docstring } = fn.code;
    const found: Diagnostic[] = [];
    if (description === '') {
      const hint = `write """What it does.""" as the first line of ${fn.name}`;
      found.push(warning(script, line, 'NO_DESCRIPTION', `the model is told nothing about the tool ${name}`, hint));
    }
    const names = parameters.map((each) => each.name);
    for (const described of parseDocstring(docstring ?? '').parameters.keys()) {
      if (names.includes(described)) continue;
      const message = `Args: describes ${described}, which is no parameter of ${fn.name}`;
      const hint = names.length === 0 ? 'it has no parameters' : `its parameters are ${names.join(', ')}`;
      found.push(warning(script, lineOfEntry(script.source, described, line), 'ARGS_ENTRY', message, hint));
    }
    return found;
  });
}

/** The line where a docstring describes a parameter, from the line of its function on. */
function lineOfEntry(source: string, name: string, from: number): number {
  const index = source.split('\n').findIndex((text, at) => {
    const entry = text.trim().replace(/^\*+/, '');
    return at >= from && entry.startsWith(name) && /^\s*[(:]/.test(entry.slice(name.length));
  });
  return index < 0 ? from : index + 1;
}

function testParameters({ script, program }: LoadedScript): Diagnostic[] {
  return program.functions
    .filter(({ name, parameters }) => name.startsWith('test_') && parameters.length > 0)
    .map(({ name, line }) =>
      warning(script, line, 'TEST_PARAMETERS', `${name} takes parameters, so it is no test`, 'a test takes none'),
    );
}
