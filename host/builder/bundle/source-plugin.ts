import type { SourceTree } from '../source/source-tree.ts';
import type { OnLoadResult, OnResolveResult, Plugin } from './esbuild.ts';
import { type Library, runtimeModule } from './library.ts';
import { libraryNamespace, type RefusalDetail, sourceNamespace, startNamespace } from './namespaces.ts';
import { type ImportRules, resolveImport } from './resolve-import.ts';
import { sqliteModule, testModule, testModules, testStart } from './test-modules.ts';

/** What is being built now: a warm context is used again with other sources. */
export interface CurrentBuild {
  rules: ImportRules;
  entry: string;
  /** Test files to run instead of the plugin. */
  tests?: readonly string[];
}

export const entryName = 'clay:entry';
/** The runtime goes into the bundle, and loads the plugin itself, so that what that throws can be told to the host. */
const start = `import { runInProcess } from '${runtimeModule}';\nawait runInProcess(() => import('clay:plugin'));\n`;

/** No such folder: an import whose path is put together at run time would be looked for there, and nowhere else. */
const nowhere = `/clay-nowhere${'/-'.repeat(40)}`;

/** Serves the plugin's files and the library from memory, and judges every import; the compiler reads nothing from disk. */
export function sourcePlugin(current: CurrentBuild, library: Library): Plugin {
  return {
    name: 'clay',
    setup(build) {
      build.onResolve({ filter: /^clay:entry$/ }, ({ kind }) =>
        kind === 'entry-point' ? { path: 'main', namespace: startNamespace } : null,
      );
      build.onLoad({ filter: /./, namespace: startNamespace }, ({ path }) => ({
        contents: current.tests === undefined ? start : (testModules.get(path) ?? testStart(current.tests)),
        loader: 'js',
        resolveDir: nowhere,
      }));
      build.onResolve({ filter: /./, namespace: startNamespace }, ({ path }) => resolveStart(path, current, library));
      build.onResolve({ filter: /./, namespace: sourceNamespace }, ({ path, importer, kind }) =>
        resolve(path, importer, kind === 'require-call' || kind === 'require-resolve', current.rules),
      );
      build.onResolve({ filter: /^node:sqlite$/, namespace: libraryNamespace }, () =>
        current.tests === undefined ? null : { path: sqliteModule, namespace: startNamespace },
      );
      build.onResolve({ filter: /^\.\//, namespace: libraryNamespace }, ({ path }) => ({
        path: path.slice(2),
        namespace: libraryNamespace,
        sideEffects: false,
      }));
      build.onLoad({ filter: /./, namespace: sourceNamespace }, ({ path, with: attributes }) =>
        load(current.rules.tree, path, attributes.type),
      );
      build.onLoad({ filter: /./, namespace: libraryNamespace }, ({ path }) => ({
        contents: library.files.get(path)!.contents,
        loader: 'js',
        resolveDir: nowhere,
      }));
      build.onLoad({ filter: /./, namespace: 'file' }, ({ path }) =>
        refuse(
          { code: 'IMPORT_OUTSIDE', advice: 'A plugin imports its own files.' },
          `${path} is outside the plugin's folder.`,
        ),
      );
    },
  };
}

function resolveStart(path: string, { entry }: CurrentBuild, library: Library): OnResolveResult {
  if (path === runtimeModule) return { path: library.modules.get(path)!, namespace: libraryNamespace };
  if (path.startsWith('node:')) return { path, external: true };
  if (testModules.has(path)) return { path, namespace: startNamespace };
  return { path: path.startsWith('./') ? path.slice(2) : entry, namespace: sourceNamespace };
}

function resolve(path: string, importer: string, isRequire: boolean, rules: ImportRules): OnResolveResult {
  const found = resolveImport(path, importer, isRequire, rules);
  switch (found.kind) {
    case 'file':
      return { path: found.path, namespace: sourceNamespace };
    case 'builtin':
      if (rules.isTest === true && found.name === 'test') return { path: testModule, namespace: startNamespace };
      if (rules.isTest === true && found.name === 'sqlite') return { path: sqliteModule, namespace: startNamespace };
      return { path: `node:${found.name}`, external: true };
    case 'library':
      return { path: found.file, namespace: libraryNamespace, sideEffects: false };
    case 'refused':
      return refuse({ code: found.code, advice: found.advice }, found.text);
  }
}

function refuse(detail: RefusalDetail, text: string) {
  return { errors: [{ text, detail }] };
}

function load(tree: SourceTree, path: string, type: string | undefined): OnLoadResult {
  const contents = tree.files.get(path)!;
  if (type === 'text') return { contents, loader: 'text' };
  if (type === 'bytes') return { contents, loader: 'binary' };
  const ending = /\.[^./]+$/.exec(path)?.[0];
  switch (ending) {
    case '.ts':
    case '.mts':
      return { contents, loader: 'ts', resolveDir: nowhere };
    case '.js':
    case '.mjs':
      return { contents, loader: 'js', resolveDir: nowhere };
    case '.json':
      return { contents, loader: 'json' };
    default:
      return refuse(
        {
          code: 'IMPORT_KIND',
          advice: `To have the file's text, write: import text from './${path}' with { type: 'text' };`,
        },
        `A plugin cannot import ${JSON.stringify(path)}: modules are .ts, .mts, .js and .mjs, data is .json.`,
      );
  }
}
