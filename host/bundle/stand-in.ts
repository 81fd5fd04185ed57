import type { Plugin } from 'esbuild';

/** What stands in for a module in a bundle: whoever of `importers` asks for `path` gets `contents`. */
export interface StandIn {
  readonly importers: RegExp;
  readonly path: RegExp;
  readonly contents: string;
}

/** `name`: of the list; every list has one of its own. */
export function putInPlace(name: string, standIns: readonly StandIn[]): Plugin {
  return {
    name,
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, importer }) => {
        const index = standIns.findIndex(({ importers, path: asked }) => importers.test(importer) && asked.test(path));
        return index < 0 ? undefined : { path: String(index), namespace: name, sideEffects: false };
      });
      build.onLoad({ filter: /./, namespace: name }, ({ path }) => ({
        contents: standIns[Number(path)]?.contents ?? '',
      }));
    },
  };
}
