import { join, sep } from 'node:path';
import { authorError } from '../build-error.ts';
import { type Diagnostic, diagnose } from '../diagnostic.ts';
import { type SourceTree, textOf } from '../source/source-tree.ts';
import type { Compiler } from './compiler.ts';
import { parseCompilerOutput, type ReadFile } from './compiler-output.ts';
import { pluginFolder, type Workshop } from './workshop.ts';

/** Checks the types of a plugin, tests and all. */
export class Checker {
  readonly #compiler: Compiler;
  readonly #workshop: Workshop;

  constructor(compiler: Compiler, workshop: Workshop) {
    this.#compiler = compiler;
    this.#workshop = workshop;
  }

  /** Throws the type errors, all at once. */
  async check(plugin: string, tree: SourceTree, signal: AbortSignal | undefined): Promise<void> {
    const { folder, remove } = await this.#workshop.layOut(tree);
    try {
      const args = ['-p', 'tsconfig.json', '--pretty', 'false', '--explainFiles'];
      const output = await this.#compiler.run({ plugin, folder, args, signal });
      const root = join(folder, pluginFolder);
      const { diagnostics, files } = parseCompilerOutput(output, folder, root, tree);
      const allowed = [root, ...(await this.#workshop.allowedFolders())];
      // A foreign file is refused before anything is told: the compiler's messages could quote it.
      const foreign = files.filter(({ path }) => !allowed.some((inside) => path.startsWith(inside + sep)));
      if (foreign.length > 0) throw authorError(plugin, 'check', explainForeign(foreign, tree));
      const errors = diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) throw authorError(plugin, 'check', errors);
    } finally {
      await remove();
    }
  }
}

/** The reason names the import as it is written, and the file that holds it. */
function explainForeign(files: readonly ReadFile[], tree: SourceTree): Diagnostic[] {
  const advice = "Types too come from the plugin's own files, the SDK and the listed packages only.";
  const found = files
    .flatMap(({ reasons }) => reasons)
    .flatMap((reason) => {
      const [, specifier, path] = /^\w[\w ]* via (['"].+['"]) from file '(.+)'/.exec(reason) ?? [];
      const file = path?.replace(new RegExp(`^${pluginFolder}/`), '');
      const content = file === undefined ? undefined : textOf(tree, file);
      if (specifier === undefined || file === undefined || content === undefined) return [];
      const written = specifier.slice(1, -1);
      const place = { file, content, offset: Math.max(0, content.indexOf(written)), length: written.length };
      return diagnose('IMPORT_OUTSIDE', `${JSON.stringify(written)} is outside the plugin's folder.`, place, advice);
    });
  if (found.length > 0) return found;
  return [
    diagnose('IMPORT_OUTSIDE', "A file outside the plugin's folder is used for its types.", { file: null }, advice),
  ];
}
