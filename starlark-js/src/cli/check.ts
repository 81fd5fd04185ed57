import { check as findings } from '../index.ts';
import { Source } from '../syntax/source.ts';
import { report, toFields } from './diagnostics.ts';
import { readInputs } from './files.ts';
import { dialectOf, readOptions } from './options.ts';
import { surroundings } from './surroundings.ts';
import { FAILURE, SUCCESS, type Terminal, UsageError } from './terminal.ts';

export const checkHelp = `starlark check [--json] FILE…        find what is wrong with programs without running them
  --json        give the findings as fields`;

export function check(terminal: Terminal, given: readonly string[]): number {
  const line = readOptions(given, { json: { type: 'boolean' }, strict: { type: 'boolean' } });
  if (line.words.length === 0) throw new UsageError('check needs files, folders, or - for standard input');
  const fields: unknown[] = [];
  let errors = 0;
  for (const input of readInputs(terminal, line.words)) {
    const source = new Source(input.name, input.text);
    const options = { file: input.name, dialect: dialectOf(line), predeclared: surroundings([]) };
    const diagnostics = findings(input.text, options);
    errors += diagnostics.filter(({ severity }) => severity === 'error').length;
    if (line.has('json')) fields.push(...diagnostics.map((found) => toFields(source, found)));
    else report(terminal, source, diagnostics);
  }
  if (line.has('json')) terminal.out(`${JSON.stringify(fields, null, 2)}\n`);
  return errors > 0 ? FAILURE : SUCCESS;
}
