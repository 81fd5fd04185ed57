import { definePlugin, type Json } from '@clay/sdk';
import { z } from 'zod';
import { howToWrite } from './how-to-write.ts';
import type { AdmittedPlugin, CheckedPlugin, ListedPlugin } from './plugin-services.ts';

const name = z
  .string()
  .min(1)
  .optional()
  .describe('Name of the plugin in data/plugins. May be left out when only one has changed.');

const checkParameters = z.strictObject({
  name,
  reason: z.string().optional().describe('Not needed: nothing is kept of a check.'),
});
const deployParameters = z.strictObject({
  name,
  reason: z.string().min(1).describe('What this version changes, in a sentence: it stands in the history.'),
});
const rollbackParameters = z.strictObject({
  name: z.string().min(1).describe('Name of the plugin.'),
  to: z.int().min(0).optional().describe('Generation to go back to. Default: the last good one.'),
});
const sourceParameters = z.strictObject({
  path: z
    .string()
    .optional()
    .describe('Such as "plugins/tasks/index.ts", "sdk/src" or "plugins". Default: what there is.'),
});

/** Generations of a plugin that the model is shown. */
const shownGenerations = 3;
/** A build waits for those before it; the type check of a large plugin takes seconds. */
const buildTimeoutMs = 180_000;

export default definePlugin({
  name: 'build-and-deploy',
  setup(ctx) {
    ctx.tool({
      name: 'build_check',
      readOnly: true,
      description:
        'Checks a plugin without deploying it: bundle, types, manifest. Gives every problem with file, line, column and text.',
      parameters: checkParameters,
      timeoutMs: buildTimeoutMs,
      run: async ({ name: wanted }) => {
        const { plugin, isGood, text } = (await ctx.call('service:plugins.check', given({ name: wanted }), {
          timeoutMs: buildTimeoutMs,
        })) as unknown as CheckedPlugin;
        return { plugin, passed: isGood, report: text };
      },
    });

    ctx.tool({
      name: 'build_and_deploy',
      effect: 'deploy',
      description: `Builds a plugin and lets it take over: its new generation is proven before the old one is touched, answers at once, and is watched; when it turns out bad it is undone by itself and you hear of it.\n${howToWrite}`,
      parameters: deployParameters,
      parallel: false,
      timeoutMs: buildTimeoutMs,
      run: async (args) =>
        admitted(
          (await ctx.call('service:plugins.deploy', given(args), {
            timeoutMs: buildTimeoutMs,
          })) as unknown as AdmittedPlugin,
        ),
    });

    ctx.tool({
      name: 'plugin_list',
      readOnly: true,
      description:
        'Lists every plugin and extension: what it is for, where it comes from, which generation serves, the ones before it, and what is wrong with it.',
      run: async () => {
        const listed = (await ctx.call('service:plugins.list', {})) as unknown as readonly ListedPlugin[];
        const plugins = listed.map(({ isChanged, lastError, generations, ...one }) => ({
          ...one,
          history: generations
            .slice(0, shownGenerations)
            .map(
              ({ generation, state, at, reason }) => `${generation} ${state} ${new Date(at).toISOString()}: ${reason}`,
            ),
          ...(isChanged ? { changed: 'its sources have changed since they were deployed' } : {}),
          ...(lastError === null ? {} : { lastError }),
        }));
        return { plugins, count: plugins.length };
      },
    });

    ctx.tool({
      name: 'plugin_rollback',
      effect: 'deploy',
      description:
        'Takes back the generation of a plugin that serves: an earlier one serves again at once. Its data stays as it is.',
      parameters: rollbackParameters,
      parallel: false,
      run: async (args) =>
        admitted((await ctx.call('service:plugins.rollback', given(args))) as unknown as AdmittedPlugin),
    });

    ctx.tool({
      name: 'plugin_source',
      readOnly: true,
      description:
        'Reads the source of the SDK and of the plugins that ship, as they run here: a folder gives {entries}, a file {text}.',
      parameters: sourceParameters,
      run: (args) => ctx.call('service:plugins.source', given(args)),
    });
  },
});

/** Without what was left out: the wire has no `undefined`. */
function given(args: Readonly<Record<string, Json | undefined>>): Json {
  return Object.fromEntries(Object.entries(args).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function admitted({ plugin, generation, state, problem }: AdmittedPlugin) {
  const report =
    problem ??
    (state === 'unchanged'
      ? `Generation ${generation} of "${plugin}" is this very build, and serves already.`
      : state === 'probation'
        ? `Generation ${generation} of "${plugin}" serves, on probation: you hear when it is kept or undone.`
        : `Generation ${generation} of "${plugin}" serves.`);
  return { plugin, generation, state, report };
}
