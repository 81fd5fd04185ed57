import { dirname, join } from 'node:path';
import type { SourceTree } from '../source/source-tree.ts';
import type { OnLoadResult, Plugin } from './esbuild.ts';
import { type RefusalDetail, sourceNamespace } from './messages.ts';
import { type ImportRules, resolveImport } from './resolve-import.ts';
import type { BundleSources } from './sources.ts';

/** What is being built now: a warm context is used again with other sources. */
export interface CurrentBuild {
  rules: ImportRules;
  entry: string;
}

export const entryName = 'clay:entry';
const fromPackage = 'clay:package';

/** Serves the plugin's files from memory, and judges every import that they make. */
export function sourcePlugin(current: CurrentBuild, sources: BundleSources): Plugin {
  return {
    name: 'clay',
    setup(build) {
      build.onResolve({ filter: /^clay:entry$/ }, ({ kind }) =>
        kind === 'entry-point' ? { path: current.entry, namespace: sourceNamespace } : null,
      );
      build.onResolve({ filter: /./, namespace: sourceNamespace }, async ({ path, importer, kind, pluginData }) => {
        if (pluginData === fromPackage) return null;
        const isRequire = kind === 'require-call' || kind === 'require-resolve';
        const found = resolveImport(path, importer, isRequire, current.rules);
        switch (found.kind) {
          case 'file':
            return { path: found.path, namespace: sourceNamespace };
          case 'builtin':
            return { path: `node:${found.name}`, external: true };
          case 'sdk': {
            const file = sources.sdkModules.get(found.subpath);
            const known = [...sources.sdkModules.keys()].map((one) => join('@clay/sdk', one)).join(', ');
            if (file === undefined) return refuse('IMPORT_PACKAGE', `The SDK has no ${path}.`, `It has ${known}.`);
            return { path: file };
          }
          case 'package':
            return build.resolve(path, {
              kind,
              resolveDir: dirname(dirname(sources.packageFolders.get(found.name) ?? sources.sdk)),
              pluginData: fromPackage,
            });
          case 'refused':
            return refuse(found.code, found.text, found.advice);
        }
      });
      build.onLoad({ filter: /./, namespace: sourceNamespace }, ({ path, with: attributes }) =>
        load(current.rules.tree, path, attributes.type),
      );
    },
  };
}

function refuse(code: RefusalDetail['code'], text: string, advice: string) {
  const detail: RefusalDetail = { code, advice };
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
      return { contents, loader: 'ts' };
    case '.js':
    case '.mjs':
      return { contents, loader: 'js' };
    case '.json':
      return { contents, loader: 'json' };
    default:
      return refuse(
        'IMPORT_KIND',
        `A plugin cannot import ${JSON.stringify(path)}: modules are .ts, .mts, .js and .mjs, data is .json.`,
        `To have the file's text, write: import text from './${path}' with { type: 'text' };`,
      );
  }
}
