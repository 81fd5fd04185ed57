/** The source of a plugin, of what its `setup` does. */
export function pluginSource(name: string, setup: string, head = ''): string {
  return `import { definePlugin } from '@clay/sdk';
${head}
export default definePlugin({
  name: '${name}',
  async setup(ctx) {
    ${setup}
  },
});
`;
}

/** A tool that answers to anything with what `run` gives. `more`: further fields of its declaration. */
export function toolSource(tool: string, run: string, more = ''): string {
  return `ctx.tool({ name: '${tool}', description: '${tool}', parameters: { type: 'object' }, ${more}
      async run(args: any, call: any): Promise<any> { void args; void call; ${run} } });`;
}
