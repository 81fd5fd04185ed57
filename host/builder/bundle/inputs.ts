import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { isNodeModule, judgeBuiltin } from './builtins.ts';
import type { Metafile } from './esbuild.ts';
import { sourceNamespace, stripNamespace } from './messages.ts';
import type { ImportRules } from './resolve-import.ts';
import type { BundleSources } from './sources.ts';

/** What a bundle was made of. */
export interface BundleSummary {
  /** The plugin's own modules, with what each adds to the bundle, in bytes. */
  readonly modules: Readonly<Record<string, number>>;
  readonly sdkBytes: number;
  /** Bytes by package. */
  readonly packages: Readonly<Record<string, number>>;
  readonly builtins: readonly string[];
}

type Origin =
  | { readonly kind: 'module' }
  | { readonly kind: 'sdk' }
  | { readonly kind: 'package'; readonly name: string };

/**
 * Goes through everything that went in, by its real path: the second look, which does not trust the first. It also sees
 * what packages and the SDK import themselves.
 */
export function judgeInputs(
  metafile: Metafile,
  root: string,
  rules: ImportRules,
  sources: BundleSources,
): { readonly problems: readonly Diagnostic[]; readonly summary: BundleSummary } {
  const problems: Diagnostic[] = [];
  const modules = new Map<string, number>();
  const packages = new Map<string, number>();
  const builtins = new Set<string>();
  let sdkBytes = 0;
  const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint !== undefined);
  for (const [key, input] of Object.entries(metafile.inputs)) {
    const bytes = output?.inputs[key]?.bytesInOutput ?? 0;
    const origin = originOf(key, root, rules, sources);
    if (origin === null) problems.push(foreign(key, metafile));
    else if (origin.kind === 'module') modules.set(stripNamespace(key), bytes);
    else if (origin.kind === 'sdk') sdkBytes += bytes;
    else packages.set(origin.name, (packages.get(origin.name) ?? 0) + bytes);
    if (output?.inputs[key] === undefined) continue;
    for (const { path, external } of input.imports) {
      if (external !== true || !isNodeModule(path)) continue;
      builtins.add(path);
      const refusal = judgeBuiltin(path, rules.permissions);
      if (refusal !== null && origin?.kind !== 'module')
        problems.push(
          diagnose('IMPORT_BUILTIN', `${key} imports ${path}. ${refusal.text}`, { file: null }, refusal.advice),
        );
    }
  }
  for (const { path, external } of output?.imports ?? [])
    if (external === true && !isNodeModule(path))
      problems.push(
        diagnose('IMPORT_OUTSIDE', `The bundle would load ${JSON.stringify(path)} when it runs.`, { file: null }),
      );
  const summary = {
    modules: Object.fromEntries(modules),
    sdkBytes,
    packages: Object.fromEntries(packages),
    builtins: [...builtins].sort(),
  };
  return { problems, summary };
}

function originOf(key: string, root: string, { tree }: ImportRules, sources: BundleSources): Origin | null {
  if (key.startsWith(`${sourceNamespace}:`)) return tree.files.has(stripNamespace(key)) ? { kind: 'module' } : null;
  const file = realpathSync(resolve(root, key));
  if (isInside(file, resolve(sources.sdk, 'src'))) return { kind: 'sdk' };
  for (const [name, folder] of sources.packageFolders) if (isInside(file, folder)) return { kind: 'package', name };
  return null;
}

function isInside(file: string, folder: string): boolean {
  return file.startsWith(folder + sep);
}

function foreign(key: string, { inputs }: Metafile): Diagnostic {
  const importer = Object.entries(inputs).find(([, { imports }]) => imports.some(({ path }) => path === key))?.[0];
  const text = `${key}, imported by ${importer ?? 'the bundle'}, is neither the plugin's, nor the SDK's, nor of a listed package.`;
  return diagnose('IMPORT_OUTSIDE', text, { file: importer === undefined ? null : stripNamespace(importer) });
}
