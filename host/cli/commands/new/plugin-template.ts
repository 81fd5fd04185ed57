/** The files of a plugin to begin with, by their path: it builds, its types fit, and its tests pass. */
export function pluginTemplate(name: string): ReadonlyMap<string, string> {
  const tool = name.replaceAll('-', '_');
  return new Map([
    ['plugin.json', manifest(name, tool)],
    ['index.ts', index(name, tool)],
    ['index.test.ts', test(tool)],
    ['package.json', `${JSON.stringify({ name, private: true, type: 'module' }, null, 2)}\n`],
    ['tsconfig.json', tsconfig],
  ]);
}

function manifest(name: string, tool: string): string {
  const fields = {
    name,
    version: '0.1.0',
    description: 'Greets people by name, and remembers how often.',
    permissions: [],
    probes: [{ name: 'knows nobody', call: `tool:${tool}`, args: { action: 'count', name: '' }, expect: { times: 0 } }],
  };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function index(name: string, tool: string): string {
  return `import { ClayError, definePlugin } from '@clay/sdk';

/**
 * \`setup\` only declares: effects belong into \`run\`, or into \`ctx.onLive\`. What the plugin may do beyond its own store
 * stands in "permissions" of plugin.json, such as "http:api.example.com" for ctx.http.
 */
export default definePlugin({
  name: '${name}',
  setup(ctx) {
    ctx.tool({
      name: '${tool}',
      description: 'Greets somebody by name, or counts how often somebody was greeted.',
      parameters: {
        type: 'object',
        properties: {
          action: { enum: ['greet', 'count'], description: 'What to do.' },
          name: { type: 'string', description: 'Who is meant.' },
        },
        required: ['action', 'name'],
      },
      async run({ action, name }) {
        const key = \`greeted:\${name}\`;
        const times = Number((await ctx.store.get(key)) ?? 0);
        if (action === 'count') return { times };
        if (name === '') throw new ClayError('BAD_ARGUMENTS', 'Nobody can be greeted without a "name".');
        await ctx.store.set(key, times + 1);
        return { text: \`Hello, \${name}.\`, times: times + 1 };
      },
    });
  },
});
`;
}

function test(tool: string): string {
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHost } from '@clay/sdk/testing';
import plugin from './index.ts';
import manifest from './plugin.json' with { type: 'json' };

test('somebody is greeted by name, and the greetings are counted', async () => {
  await using host = await createTestHost(plugin, { manifest });
  const greet = () => host.tool('${tool}', { action: 'greet', name: 'Ada' });
  assert.deepEqual(await greet(), { text: 'Hello, Ada.', times: 1 });
  await greet();
  assert.deepEqual(await host.tool('${tool}', { action: 'count', name: 'Ada' }), { times: 2 });
});

test('a greeting without a name is refused', async () => {
  await using host = await createTestHost(plugin, { manifest });
  await assert.rejects(host.tool('${tool}', { action: 'greet', name: '' }), { code: 'BAD_ARGUMENTS' });
});
`;
}

/**
 * For editors, and for a compiler that somebody runs by hand: Clay's own check needs none. As strict as the SDK, whose sources
 * are read with it.
 */
const tsconfig = `{
  "compilerOptions": {
    "target": "esnext",
    "module": "nodenext",
    "lib": ["esnext"],
    "types": ["node"],
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "noUncheckedIndexedAccess": true,
    "erasableSyntaxOnly": true,
    "verbatimModuleSyntax": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["."]
}
`;
