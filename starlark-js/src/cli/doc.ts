import { renderDiagnostic } from '../diagnostic.ts';
import { renderMarkdown } from '../doc/markdown.ts';
import { documentModule, type ModuleDoc } from '../doc/module-doc.ts';
import { parse } from '../syntax/parse.ts';
import { Source } from '../syntax/source.ts';
import { readInputs } from './files.ts';
import { dialectOf, readOptions } from './options.ts';
import { FAILURE, SUCCESS, type Terminal, UsageError } from './terminal.ts';

export const docHelp = `starlark doc [--json] FILE…            write the documentation of programs as Markdown
  --json        give the same as fields`;

export function doc(terminal: Terminal, given: readonly string[]): number {
  const line = readOptions(given, { json: { type: 'boolean' }, strict: { type: 'boolean' } });
  if (line.words.length === 0) throw new UsageError('doc needs files, folders, or - for standard input');
  const modules: ModuleDoc[] = [];
  let code = SUCCESS;
  for (const input of readInputs(terminal, line.words)) {
    const source = new Source(input.name, input.text);
    const { file, diagnostics } = parse(source, dialectOf(line));
    for (const found of diagnostics) terminal.err(`${renderDiagnostic(found, source, { color: terminal.hasColor })}\n`);
    if (diagnostics.some(({ severity }) => severity === 'error')) code = FAILURE;
    else modules.push(documentModule(source, file));
  }
  terminal.out(line.has('json') ? `${JSON.stringify(modules, null, 2)}\n` : modules.map(renderMarkdown).join('\n'));
  return code;
}
