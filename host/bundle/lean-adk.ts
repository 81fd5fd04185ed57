import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

const ours = 'lean-adk';

/**
 * Takes of the engine only what the claw uses. ADK does not declare that its modules are free of side effects, and its
 * registry of models loads Google's and Apigee's clients, although a claw always hands over a model of its own:
 * a third of the start time and of the memory. Zod's error texts in forty languages go too.
 */
export function leanAdk(root: string): Plugin {
  const entry = createRequire(join(root, 'host', 'package.json')).resolve('@google/adk');
  const common = join(dirname(dirname(entry)), 'esm', 'common.js');
  return {
    name: ours,
    setup(build) {
      build.onResolve({ filter: /^@google\/adk$/ }, () => ({ path: common, sideEffects: false }));
      build.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === ours) return;
        if (from.importer.endsWith('/models/registry.js') && /^\.\/(google|apigee)_llm\.js$/.test(path))
          return { path, namespace: 'absent-model' };
        if (/\/zod\/v4\//.test(from.importer) && path.endsWith('/locales/index.js'))
          return { path, namespace: 'empty' };
        if (!/node_modules\/@google\/(adk|genai)\//.test(from.importer) && !path.startsWith('@google/genai')) return;
        return { ...(await build.resolve(path, { ...from, pluginData: ours })), sideEffects: false };
      });
      build.onLoad({ filter: /./, namespace: 'empty' }, () => ({ contents: 'export {};' }));
      build.onLoad({ filter: /./, namespace: 'absent-model' }, () => ({
        contents:
          'export class Gemini { static supportedModels = []; } export class ApigeeLlm { static supportedModels = []; }',
      }));
    },
  };
}
