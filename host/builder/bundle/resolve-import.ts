import { posix } from 'node:path';
import { suggest } from '../../config/clay-json.ts';
import type { RuleCode } from '../diagnostic.ts';
import type { SourceTree } from '../source/source-tree.ts';
import { type ImportRefusal, isNodeModule, judgeBuiltin } from './builtins.ts';

/** What a plugin's import stands for. */
export type ResolvedImport =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'library'; readonly file: string }
  | ({ readonly kind: 'refused'; readonly code: RuleCode } & ImportRefusal);

export interface ImportRules {
  readonly tree: SourceTree;
  readonly permissions: readonly string[];
  /** What may be imported of the SDK and of packages, with the file that it is. */
  readonly libraries: ReadonlyMap<string, string>;
  /** Tests may also import what they are written with, and have a folder of their own to write to. */
  readonly isTest?: boolean;
}

const ofTests = new Set(['test', 'fs', 'fs/promises', 'sqlite']);

const endings = ['', '.ts', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];
/** TypeScript's habit: an import names the file that would be emitted. */
const emitted: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.mjs$/, '.mts'],
];

/** Decides what an import of a plugin's own module means: its files, the SDK, listed packages, granted builtins. */
export function resolveImport(
  specifier: string,
  importer: string,
  isRequire: boolean,
  rules: ImportRules,
): ResolvedImport {
  if (isNodeModule(specifier)) return resolveBuiltin(specifier, isRequire, rules);
  const file = rules.libraries.get(specifier);
  if (file !== undefined) return { kind: 'library', file };
  if (/^\.\.?(\/|$)/.test(specifier)) return resolveFile(specifier, importer, rules.tree);
  if (/^([a-zA-Z][a-zA-Z+.-]*:|[\\/])/.test(specifier)) return outside(specifier);
  const known = [...rules.libraries.keys()].map((one) => JSON.stringify(one)).join(', ');
  return {
    kind: 'refused',
    code: 'IMPORT_PACKAGE',
    text: `The package ${JSON.stringify(specifier)} cannot be bundled into a plugin.`,
    advice: `Packages that can: ${known}. Write "./${specifier}" for a file of your own, or copy the source that you need.`,
  };
}

function resolveBuiltin(
  specifier: string,
  isRequire: boolean,
  { permissions, isTest = false }: ImportRules,
): ResolvedImport {
  const name = specifier.replace(/^node:/, '');
  if (isTest && !isRequire && ofTests.has(name)) return { kind: 'builtin', name };
  const refusal = judgeBuiltin(name, permissions);
  if (refusal !== null) return { kind: 'refused', code: 'IMPORT_BUILTIN', ...refusal };
  if (!isRequire) return { kind: 'builtin', name };
  const text = `A bundle has no require(): "node:${name}" cannot be loaded by it.`;
  return { kind: 'refused', code: 'IMPORT_BUILTIN', text, advice: `Write: import … from 'node:${name}';` };
}

function resolveFile(specifier: string, importer: string, tree: SourceTree): ResolvedImport {
  const path = posix.join(posix.dirname(importer), specifier).replace(/\/$/, '');
  if (path === '..' || path.startsWith('../')) return outside(specifier);
  const base = path === '.' ? '' : path;
  const candidates = [
    ...endings.map((ending) => (base === '' ? ending.replace(/^\//, '') : base + ending)),
    ...emitted.map(([pattern, ending]) => base.replace(pattern, ending)),
  ];
  const found = candidates.find((candidate) => tree.files.has(candidate));
  if (found !== undefined) return { kind: 'file', path: found };
  const near = suggest(base, tree.files.keys());
  return {
    kind: 'refused',
    code: 'IMPORT_UNKNOWN',
    text: `The plugin has no file ${JSON.stringify(base)}.`,
    advice:
      near === ''
        ? `Its files are ${[...tree.files.keys()].slice(0, 20).join(', ')}.`
        : near.slice(2).replace(/^d/, 'D'),
  };
}

function outside(specifier: string): ResolvedImport {
  return {
    kind: 'refused',
    code: 'IMPORT_OUTSIDE',
    text: `${JSON.stringify(specifier)} is outside the plugin's folder.`,
    advice: 'A plugin imports its own files, by paths that begin with "./"; copy the file into the folder.',
  };
}
