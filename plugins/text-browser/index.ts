import { ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { programs } from './programs.ts';
import { runProgram } from './run-program.ts';

const maxInput = 3_000_000;

const textBrowserConfig = z.strictObject({
  path: z
    .string()
    .min(1)
    .default('/usr/local/bin:/usr/bin:/bin')
    .describe('Folders in which cha and w3m are looked for, with colons between.'),
  timeoutMs: z.int().min(100).max(60_000).default(10_000).describe('How long a page may take to render.'),
  maxBytes: z.int().min(1000).default(3_000_000).describe('Bytes of text that a page may become.'),
});

const parameters = z.strictObject({ html: z.string().max(maxInput) });

export default definePlugin({
  name: 'text-browser',
  config: textBrowserConfig,
  setup(ctx) {
    ctx.service({
      name: 'text-browser',
      methods: {
        render: {
          description:
            'Renders a page of HTML, which must load nothing from elsewhere: `{text, program}`. `UNAVAILABLE` when neither Chawan nor w3m is installed.',
          parameters,
          idempotent: true,
          run: async (args, { signal }) => {
            const { html: input } = parameters.parse(args);
            for (const program of programs) {
              const text = await runProgram(program, { ...ctx.config, input, signal, clock: ctx.clock });
              if (text !== null) return { text, program: program.name };
            }
            throw new ClayError(
              'UNAVAILABLE',
              'Neither Chawan (cha) nor w3m is installed. Install one, for example by "apt-get install w3m" or "apk add chawan".',
            );
          },
        },
      },
    });
  },
});
