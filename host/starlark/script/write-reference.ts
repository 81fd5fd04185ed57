/** Writes `starlark-stdlib/docs` from docstrings, as `starlark doc` does. Run it after a change; a test tells when that was forgotten. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { moduleLabels, moduleSource } from '@clay/starlark-stdlib';
import {
  defaultDialect,
  documentModule,
  type FunctionDoc,
  HostFunction,
  type ParameterDoc,
  parse,
  parseDocstring,
  renderMarkdown,
  Source,
} from 'starlark-js';
import { universe } from './universe.ts';

export const referenceFolder = join(import.meta.dirname, '../../../starlark-stdlib/docs');

/** Every page by its file name. */
export function renderReference(): ReadonlyMap<string, string> {
  const pages = moduleLabels.map((label) => {
    const file = label.replace('@std//', '');
    const source = new Source(file, moduleSource(file)!);
    return [
      file.replace('.star', '.md'),
      renderMarkdown(documentModule(source, parse(source, defaultDialect).file)),
    ] as const;
  });
  return new Map([...pages, ['functions.md', hostFunctionsPage()]]);
}

function hostFunctionsPage(): string {
  const functions = [...universe.values()].filter((value) => value instanceof HostFunction).map(documentHostFunction);
  return renderMarkdown({
    file: 'Functions without load',
    description: null,
    docstring:
      'Beside the built-ins of Starlark these are there in every extension, and `struct(name = value, ...)`.\nThe first five are the original’s: they take their arguments by position only, and tell failures by a text that begins with `ERROR: `.',
    functions,
  });
}

function documentHostFunction(fn: HostFunction): FunctionDoc {
  const { name, parameters, returns } = fn.signature;
  const doc = parseDocstring(fn.doc);
  const kinds = {
    positional: 'positional',
    normal: 'positional',
    keyword: 'keyword',
    args: 'args',
    kwargs: 'kwargs',
  } as const;
  const documented = parameters.map(
    (parameter): ParameterDoc => ({
      name: parameter.name,
      kind: kinds[parameter.kind],
      type: parameter.type === 'Any' ? null : parameter.type,
      default: parameter.default,
      description: doc.parameters.get(parameter.name) ?? null,
    }),
  );
  return {
    name,
    signature: signatureText(fn.signature),
    summary: doc.summary,
    details: doc.details,
    parameters: documented,
    returns:
      returns === 'Any' && doc.returns === null
        ? null
        : { type: returns === 'Any' ? null : returns, description: doc.returns },
    fails: doc.fails,
    examples: doc.examples,
    line: 1,
  };
}

/** As in a `def`; the type `Any` is left out. */
function signatureText({ name, parameters, returns }: HostFunction['signature']): string {
  const parts: string[] = [];
  for (const [index, { name: own, kind, type, default: value }] of parameters.entries()) {
    const before = parameters[index - 1]?.kind;
    if (kind === 'keyword' && before !== 'keyword' && before !== 'args') parts.push('*');
    const annotation = type === 'Any' ? '' : `: ${type}`;
    parts.push(`${kind === 'args' ? '*' : ''}${own}${annotation}${value === null ? '' : ` = ${value}`}`);
    if (kind === 'positional' && parameters[index + 1]?.kind !== 'positional') parts.push('/');
  }
  return `${name}(${parts.join(', ')})${returns === 'Any' ? '' : ` -> ${returns}`}`;
}

if (import.meta.main) {
  mkdirSync(referenceFolder, { recursive: true });
  for (const [file, text] of renderReference()) writeFileSync(join(referenceFolder, file), text);
}
