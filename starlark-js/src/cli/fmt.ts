import { writeFileSync } from 'node:fs';
import { renderDiagnostic } from '../diagnostic.ts';
import { format } from '../format/format.ts';
import { Source } from '../syntax/source.ts';
import { unifiedDiff } from './diff.ts';
import { readInputs } from './files.ts';
import { dialectOf, readOptions } from './options.ts';
import { FAILURE, SUCCESS, type Terminal, UsageError } from './terminal.ts';

export const fmtHelp = `starlark fmt [--check] [-d] FILE…      lay out programs; - reads standard input and writes standard output
  --check       change nothing; name the files that are not laid out, and fail when there are any
  -d, --diff    change nothing; show what would change`;

export function fmt(terminal: Terminal, given: readonly string[]): number {
  const line = readOptions(given, {
    check: { type: 'boolean' },
    diff: { type: 'boolean', short: 'd' },
    strict: { type: 'boolean' },
  });
  if (line.words.length === 0) throw new UsageError('fmt needs files, folders, or - for standard input');
  let code = SUCCESS;
  for (const input of readInputs(terminal, line.words)) {
    const { text, diagnostics } = format(input.text, { file: input.name, dialect: dialectOf(line) });
    if (text === null) {
      const source = new Source(input.name, input.text);
      for (const found of diagnostics)
        terminal.err(`${renderDiagnostic(found, source, { color: terminal.hasColor })}\n`);
      code = FAILURE;
    } else if (line.has('diff')) {
      terminal.out(unifiedDiff(input.name, input.text, text));
      if (line.has('check') && text !== input.text) code = FAILURE;
    } else if (line.has('check')) {
      if (text === input.text) continue;
      terminal.out(`${input.name}\n`);
      code = FAILURE;
    } else if (input.path === null) terminal.out(text);
    else if (text !== input.text) {
      writeFileSync(input.path, text);
      terminal.err(`formatted ${input.name}\n`);
    }
  }
  return code;
}
