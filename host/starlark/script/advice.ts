import type { Diagnostic } from 'starlark-js';
import type { LoadedScript } from './load-script.ts';
import { warning } from './script-diagnostic.ts';

/** What works, and could be better. */
export function advice({ script, declarations, run, module, program }: LoadedScript): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { name, description, fn } of declarations.tools) {
    if (description !== '') continue;
    const hint = `write """What it does.""" as the first line of ${fn.name}`;
    const message = `the model is told nothing about the tool ${name}`;
    found.push(warning(script, fn.code.line, 'NO_DESCRIPTION', message, hint));
  }
  if (run === 'top' && module === null) {
    const hint = 'put what has effects into def run(args), so that the file can be checked before it is used';
    const message = 'the file has effects at its top level, and is run as a whole at every call';
    found.push(warning(script, 1, 'TOP_LEVEL_EFFECT', message, hint));
  }
  for (const { name, parameters, line } of program.functions) {
    if (!name.startsWith('test_') || parameters.length === 0) continue;
    found.push(
      warning(script, line, 'TEST_PARAMETERS', `${name} takes parameters, so it is no test`, 'a test takes none'),
    );
  }
  return found;
}
