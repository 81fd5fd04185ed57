import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';
import { genaiNames } from './genai-names.ts';
import { putInPlace, type StandIn } from './stand-in.ts';

const ours = 'lean-adk';

/** For the engine at `adk`. */
const standInsFor = (adk: string): readonly StandIn[] => [
  // One file holds Google's client and a few constants: all but Gemini's adapter want the constants alone.
  { importers: /\/adk\/(?!.*\/google_llm\.js$)/, path: /^@google\/genai$/, contents: genaiNames(adk) },
  // The claw always hands over a model of its own: the engine's list of known ones stays empty, and its adapter for
  // Gemini is taken by a door of its own. A file that both doors led to would be loaded through the first.
  {
    importers: /\/adk\/.*\/(common|registry|interactions_request_processor)\.js$/,
    path: /\/(google|apigee)_llm\.js$/,
    contents: `
      export class Gemini { static supportedModels = []; }
      export class ApigeeLlm { static supportedModels = []; }
      export const geminiInitParams = undefined;
      export const isGemini = (model) => model?.[Symbol.for('google.adk.geminiModel')] === true;`,
  },
  // The claw sets a log of its own; until then the console does.
  {
    importers: /\/adk\/.*\/utils\/logger\.js$/,
    path: /^winston$/,
    contents: `
      const none = () => () => undefined;
      export const format = Object.assign(none, { combine: none, label: none, colorize: none, timestamp: none, printf: none });
      export const transports = { Console: class {} };
      export const createLogger = () => console;`,
  },
  // Schemas here are of Zod 4, or plain JSON.
  {
    importers: /\/adk\//,
    path: /^zod-to-json-schema$/,
    contents: "export function zodToJsonSchema() { throw new TypeError('Expected a schema of Zod 4.'); }",
  },
  // Zod's error texts in forty languages.
  { importers: /\/zod\/v4\//, path: /\/locales\/index\.js$/, contents: 'export {};' },
];

/**
 * Takes of the engine only what the claw uses. ADK does not declare that its modules are free of side effects, and loads
 * Google's client, Winston and Zod 3 for what a claw never does: a third of the start time and of the memory.
 */
export function leanAdk(root: string): readonly Plugin[] {
  const entry = createRequire(join(root, 'host', 'package.json')).resolve('@google/adk');
  const common = join(dirname(dirname(entry)), 'esm', 'common.js');
  const pure: Plugin = {
    name: ours,
    setup(build) {
      build.onResolve({ filter: /^@google\/adk$/ }, ({ importer }) => ({
        path: importer.endsWith('/adk-gemini.ts') ? join(dirname(common), 'models', 'google_llm.js') : common,
        sideEffects: false,
      }));
      build.onResolve({ filter: /./ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === ours) return;
        if (!/node_modules\/@google\/(adk|genai)\//.test(from.importer) && !path.startsWith('@google/genai')) return;
        return { ...(await build.resolve(path, { ...from, pluginData: ours })), sideEffects: false };
      });
    },
  };
  return [putInPlace('lean-adk-stand-ins', standInsFor(entry)), pure];
}
