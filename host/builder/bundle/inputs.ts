import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { type SourceTree, textOf } from '../source/source-tree.ts';
import { isNodeModule, judgeBuiltin } from './builtins.ts';
import type { Metafile } from './esbuild.ts';
import { type Library, runtimeModule } from './library.ts';
import { libraryNamespace, sourcePath, startNamespace } from './namespaces.ts';
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
  const runtime = `${libraryNamespace}:${library.modules.get(runtimeModule)}`;
  let sdkBytes = 0;
  const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint !== undefined);
  for (const [key, input] of Object.entries(metafile.inputs)) {
    if (key.startsWith(`${startNamespace}:`)) continue;
    const bytes = output?.inputs[key]?.bytesInOutput ?? 0;
    const own = sourcePath(key);
    const owner = library.files.get(key.slice(libraryNamespace.length + 1))?.owner;
    if (own !== null && rules.tree.files.has(own)) modules.set(own, bytes);
    else if (owner === '@clay/sdk') sdkBytes += bytes;
    else if (owner !== undefined) packages.set(owner, (packages.get(owner) ?? 0) + bytes);
    else problems.push(foreign(key, metafile, rules.tree));
    // The runtime has the host's pipe to open; what else of the SDK a plugin imports has no more rights than the plugin.
    if (bytes === 0 || reaches(runtime, key, metafile.inputs, new Set())) continue;
    for (const { path, external } of input.imports) {
      if (external !== true || !isNodeModule(path)) continue;
      builtins.add(path);
      const refusal = judgeBuiltin(path, rules.permissions);
      if (refusal === null) continue;
      const text = `${owner ?? own} imports ${path}. ${refusal.text}`;
      problems.push(diagnose('IMPORT_BUILTIN', text, blame(key, metafile, rules.tree), refusal.advice));
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

function foreign(key: string, metafile: Metafile, tree: SourceTree): Diagnostic {
  const text = `${key} is neither the plugin's, nor the SDK's, nor of a listed package.`;
  return diagnose('IMPORT_OUTSIDE', text, blame(key, metafile, tree));
}

/** The plugin's own import that brought in a file, be it by way of others. */
function blame(key: string, { inputs }: Metafile, tree: SourceTree) {
  const own = sourcePath(key);
  if (own !== null) return { file: own };
  for (const [importer, { imports }] of Object.entries(inputs)) {
    const file = sourcePath(importer);
    const found = file === null ? undefined : imports.find(({ path }) => reaches(path, key, inputs, new Set()));
    if (file === null || found === undefined) continue;
    const content = textOf(tree, file) ?? '';
    const written = found.original ?? found.path;
    return { file, content, offset: Math.max(0, content.indexOf(written)), length: written.length };
  }
  return { file: null };
}

function reaches(from: string, to: string, inputs: Metafile['inputs'], seen: Set<string>): boolean {
  if (from === to) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  return (inputs[from]?.imports ?? []).some(({ path }) => reaches(path, to, inputs, seen));
}
