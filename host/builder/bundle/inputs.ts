import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { isNodeModule, judgeBuiltin } from './builtins.ts';
import type { Metafile } from './esbuild.ts';
import type { Library } from './library.ts';
import { libraryNamespace, sourcePath } from './namespaces.ts';
import type { ImportRules } from './resolve-import.ts';

/** What a bundle was made of. */
export interface BundleSummary {
  /** The plugin's own modules, with what each adds to the bundle, in bytes. */
  readonly modules: Readonly<Record<string, number>>;
  readonly sdkBytes: number;
  /** Bytes by package. */
  readonly packages: Readonly<Record<string, number>>;
  readonly builtins: readonly string[];
}

/**
 * Goes through everything that went in: the second look, which does not trust the first. It also sees what the SDK and
 * the packages import themselves.
 */
export function judgeInputs(
  metafile: Metafile,
  rules: ImportRules,
  library: Library,
): { readonly problems: readonly Diagnostic[]; readonly summary: BundleSummary } {
  const problems: Diagnostic[] = [];
  const modules = new Map<string, number>();
  const packages = new Map<string, number>();
  const builtins = new Set<string>();
  let sdkBytes = 0;
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  for (const [key, input] of Object.entries(metafile.inputs)) {
    const bytes = output?.inputs[key]?.bytesInOutput ?? 0;
    const own = sourcePath(key);
    const owner = library.files.get(key.slice(libraryNamespace.length + 1))?.owner;
    if (own !== null && rules.tree.files.has(own)) modules.set(own, bytes);
    else if (owner === '@clay/sdk') sdkBytes += bytes;
    else if (owner !== undefined) packages.set(owner, (packages.get(owner) ?? 0) + bytes);
    else problems.push(foreign(key, metafile));
    if (bytes === 0) continue;
    for (const { path, external } of input.imports) {
      if (external !== true || !isNodeModule(path)) continue;
      builtins.add(path);
      const refusal = judgeBuiltin(path, rules.permissions);
      if (refusal === null) continue;
      const text = `${owner ?? own} imports ${path}. ${refusal.text}`;
      problems.push(diagnose('IMPORT_BUILTIN', text, { file: own }, refusal.advice));
    }
  }
  for (const { path, external } of output?.imports ?? []) {
    if (external !== true || isNodeModule(path)) continue;
    const text = `The bundle would load ${JSON.stringify(path)} when it runs.`;
    problems.push(diagnose('IMPORT_OUTSIDE', text, { file: null }));
  }
  const summary = {
    modules: Object.fromEntries(modules),
    sdkBytes,
    packages: Object.fromEntries(packages),
    builtins: [...builtins].sort(),
  };
  return { problems, summary };
}

function foreign(key: string, { inputs }: Metafile): Diagnostic {
  const importer = Object.entries(inputs).find(([, { imports }]) => imports.some(({ path }) => path === key))?.[0];
  const text = `${key}, imported by ${importer ?? 'the bundle'}, is neither the plugin's, nor the SDK's, nor of a listed package.`;
  return diagnose('IMPORT_OUTSIDE', text, { file: importer === undefined ? null : sourcePath(importer) });
}
