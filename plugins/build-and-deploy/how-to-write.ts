/** A whole plugin; the test of this one runs it. */
export const exampleManifest = `{
  "name": "rates",
  "version": "0.1.0",
  "description": "Exchange rates.",
  "permissions": ["http:api.frankfurter.dev"]
}
`;

export const exampleSource = `import { ClayError, definePlugin } from '@clay/sdk';

export default definePlugin({
  name: 'rates',
  setup(ctx) {
    ctx.tool({
      name: 'rate',
      description: 'The exchange rate between two currencies.',
      parameters: { type: 'object', properties: { base: { type: 'string' }, to: { type: 'string' } }, required: ['base', 'to'] },
      run: async ({ base, to }) => {
        const answer = await ctx.http.fetch(\`https://api.frankfurter.dev/v1/latest?base=\${base}&symbols=\${to}\`);
        if (answer.status !== 200) throw new ClayError('UNAVAILABLE', \`The rates answered with \${answer.status}.\`, { output: answer.text() });
        return answer.json();
      },
    });
  },
});
`;

/** What a model has to know to write one that is taken at the first try. */
export const howToWrite = `A plugin is a folder data/plugins/NAME with index.ts and plugin.json, or a single file data/plugins/NAME.ts; write them with your file tools. For anything small, an extension (extension_write) is quicker. It may import @clay/sdk, zod and its own files. setup only declares (ctx.tool, ctx.service, ctx.schedule, ctx.on, ctx.prompt, ctx.command, ctx.route, ctx.agent); what has effects goes into handlers or ctx.onLive. It has ctx.http, ctx.store, ctx.files, ctx.secrets, ctx.call, ctx.clock, ctx.log, as far as "permissions" of plugin.json ask and the operator's ceiling allows; Node's own fs and net stay shut. Tests in *.test.ts (node:test, createTestHost of @clay/sdk/testing) have to pass before a version serves. plugin_source reads the SDK and every plugin that ships, as models. To change one that ships, copy it to data/plugins/NAME and deploy that. Example:
plugin.json
${exampleManifest}index.ts
${exampleSource}`;
