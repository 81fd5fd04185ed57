import { definePlugin, type Json, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { howToWrite } from './how-to-write.ts';

const name = z.string().min(1).describe('Name of the extension, with or without ".star".');

const runParameters = z.strictObject({
  name,
  args: z
    .record(z.string(), z.json())
    .optional()
    .describe('What run is given: texts for run(args), values of its parameters for a typed run. Default: nothing.'),
});

const writeParameters = z.strictObject({
  name: z
    .string()
    .min(1)
    .describe('Name of the extension: lower-case letters, digits and "-", starting with a letter. Names its tool too.'),
  source: z.string().describe('The whole text of the file; it replaces what is there.'),
});

const namedParameters = z.strictObject({ name });

/** What the host tells of an extension. */
interface Listed {
  readonly name: string;
  readonly description: string;
  readonly tools: readonly string[];
  readonly hasRun: boolean;
  readonly state: string;
  readonly generation: number | null;
  readonly lastError: string | null;
}

interface Written extends JsonObject {
  readonly isSaved: boolean;
  readonly text: string;
  readonly tools: readonly string[];
  readonly generation: number | null;
  readonly state: string;
  readonly problem: string | null;
}

interface Tested extends JsonObject {
  readonly isGood: boolean;
  readonly text: string;
}

/** Longer than the host gives the checks and tests of a script. */
const writeTimeoutMs = 90_000;

export default definePlugin({
  name: 'extensions',
  setup(ctx) {
    const list = async () => (await ctx.call('service:extensions.list', {})) as unknown as readonly Listed[];

    ctx.command({
      name: 'extensions',
      description: 'what I have taught myself, and whether it works',
      run: async () => {
        const lines = (await list()).map(extensionLine);
        return lines.length === 0 ? 'There is no extension yet.' : lines.join('\n');
      },
    });

    ctx.tool({
      name: 'extension_list',
      readOnly: true,
      description:
        'Lists the .star extensions: what each does, its tools, whether it serves, and what is wrong with it. Look here before you write a new one.',
      run: async () => {
        const listed = await list();
        const extensions = listed.map(({ hasRun, lastError, ...one }) => ({
          ...one,
          tools: [...one.tools],
          calledBy: [...one.tools, ...(hasRun ? ['extension_run'] : [])].join(', ') || 'nobody',
          ...(lastError === null ? {} : { lastError }),
        }));
        return { extensions, count: extensions.length };
      },
    });

    ctx.tool({
      name: 'extension_run',
      foreign: 'tool',
      description:
        "Runs an extension's run function and gives {output}: what it printed and what it returned. Extensions that provide tools of their own are called by those instead.",
      parameters: runParameters,
      run: (args) => ctx.call('service:extensions.run', { name: args.name, args: (args.args ?? {}) as JsonObject }),
    });

    ctx.tool({
      name: 'extension_write',
      effect: 'deploy',
      description: `Writes a .star extension: a new capability of yours, usable in the next step of this same turn. It is checked and tested first: with a problem nothing is saved and the report says what to mend, file:line:column; a version that turns out bad later is undone by itself.\n${howToWrite}`,
      parameters: writeParameters,
      parallel: false,
      timeoutMs: writeTimeoutMs,
      run: async ({ name: wanted, source }) => {
        const args = { name: wanted, source };
        const written = (await ctx.call('service:extensions.write', args, { timeoutMs: writeTimeoutMs })) as Written;
        const { isSaved, generation, state, text, tools, problem } = written;
        if (!isSaved) return { saved: false, report: `${text}\n\nNothing was saved. Mend it and write it again.` };
        return {
          saved: true,
          state,
          generation,
          tools,
          report: problem === null ? text : `It was saved, and does not serve: ${problem}`,
        };
      },
    });

    ctx.tool({
      name: 'extension_test',
      readOnly: true,
      description: 'Checks an extension as it is saved and runs its test_* functions; nothing real is touched.',
      parameters: namedParameters,
      timeoutMs: writeTimeoutMs,
      run: async (args): Promise<Json> => {
        const { isGood, text } = (await ctx.call('service:extensions.test', args, {
          timeoutMs: writeTimeoutMs,
        })) as Tested;
        return { passed: isGood, report: text };
      },
    });
  },
});

function extensionLine({ name: extension, description, state, lastError }: Listed): string {
  const problem = lastError === null ? '' : `: ${lastError.split('\n')[0]}`;
  return `- **${extension}** (${state}${problem}) ${description}`.trimEnd();
}
