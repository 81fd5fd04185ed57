import { ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { memoryConfig } from './config.ts';
import { cutText } from './cut-text.ts';
import { createMeanings } from './embeddings/meanings.ts';
import { type Memory, memoryTypes } from './memory.ts';
import { memoryMigrations } from './memory-migrations.ts';
import { MemoryStore, maxContentLength } from './memory-store.ts';
import { recallSection } from './recall-section.ts';

const defaultDays = 7;
const maxRecalled = 100;
const defaultFound = 20;
const maxFound = 50;
const echoedCharacters = 50;
const compactionImportance = 5;
/** Of what a person sees of their claw's memory by a command. */
const listedCount = 10;
const listedCharacters = 200;

const parameters = z.strictObject({
  action: z.enum(['store', 'recall', 'search', 'update', 'forget']).describe('What to do.'),
  content: z.string().optional().describe('For store and update: what to remember.'),
  type: z
    .string()
    .optional()
    .describe(
      'For store and update: general (default), continuation, build_snapshot or another word. For recall: only this type.',
    ),
  tags: z.string().optional().describe('For store and update: words separated by commas, found by search too.'),
  importance: z.int().min(1).max(5).optional().describe('For store and update: 1 (trifle) to 5. Default 3.'),
  query: z.string().optional().describe('For search: words; parts of names are found too.'),
  days: z.number().optional().describe('For recall: how many days back. Default 7.'),
  limit: z.int().min(1).max(maxRecalled).optional().describe('For recall and search: how many at most.'),
  id: z.int().optional().describe('For update and forget: the number of the memory.'),
});

type Arguments = z.infer<typeof parameters>;

const storeParameters = parameters.pick({ type: true, tags: true, importance: true }).extend({ content: z.string() });
const searchParameters = parameters.pick({ limit: true }).extend({ query: z.string() });
const forgetParameters = z.strictObject({ id: z.int() });
const recallParameters = parameters.pick({ days: true, type: true, limit: true });

export default definePlugin({
  name: 'memory',
  config: memoryConfig,
  setup(ctx) {
    ctx.store.migrations(memoryMigrations);
    const { embeddings } = ctx.config;
    const meanings = embeddings === null ? null : createMeanings(ctx, embeddings);
    const memories = new MemoryStore(ctx.store, ctx.clock, meanings);

    ctx.tool({
      name: 'memory',
      readOnly: { action: ['recall', 'search'] },
      description:
        'Your long-term memory, kept across conversations. Store what is worth knowing later; search before you answer about the past; recall what happened lately; update or forget what is no longer true.',
      parameters,
      run: (args) => use(memories, args),
    });

    ctx.service({
      name: 'memory',
      methods: {
        store: {
          description: 'Stores a memory: `{message, id}`.',
          parameters: storeParameters,
          run: (args) => use(memories, { action: 'store', ...storeParameters.parse(args) }),
        },
        search: {
          description: 'The memories that answer a query best: `{memories, count}`.',
          parameters: searchParameters,
          idempotent: true,
          run: (args) => use(memories, { action: 'search', ...searchParameters.parse(args) }),
        },
        recall: {
          description: 'The memories of the last days: `{memories, count}`.',
          parameters: recallParameters,
          idempotent: true,
          run: (args) => use(memories, { action: 'recall', ...recallParameters.parse(args) }),
        },
        forget: {
          description: 'Deletes a memory: `{message}`.',
          parameters: forgetParameters,
          run: (args) => use(memories, { action: 'forget', ...forgetParameters.parse(args) }),
        },
      },
    });

    ctx.command({
      name: 'memory',
      description: 'what I remember of late, or of the words behind it',
      run: async (words) => {
        const found =
          words === ''
            ? await memories.recall({ days: defaultDays, limit: listedCount })
            : await memories.search(words, listedCount);
        if (found.length > 0) return found.map(memoryLine).join('\n');
        return words === '' ? 'I have noted nothing in the last days.' : `I remember nothing of “${words}”.`;
      },
    });

    ctx.prompt({
      name: 'memory',
      placement: 'message',
      order: 20,
      render: ({ text }) => recallSection(memories, text, ctx.clock.now()),
    });

    // Proven without the endpoint: a probe is no reason to send anything anywhere, nor to fail when nobody answers there.
    ctx.probe({ name: 'search', run: () => memories.searchWords('probe', 1) });

    ctx.on('session.compacted', ({ summary }) =>
      memories.add({
        content: cutText(summary, maxContentLength - 1),
        type: memoryTypes.compaction,
        tags: 'session-compaction,context-summary',
        importance: compactionImportance,
      }),
    );
  },
});

function memoryLine({ id, content, created_at }: Memory): string {
  return `- #${id} (${created_at.slice(0, 10)}) ${cutText(content.replace(/\s+/g, ' '), listedCharacters)}`;
}

async function use(memories: MemoryStore, args: Arguments) {
  switch (args.action) {
    case 'store': {
      const { type, tags, importance } = args;
      const { id, content } = await memories.add({
        content: require(args, 'content'),
        type: type === '' ? undefined : type,
        tags,
        importance,
      });
      return { message: `Stored: ${cutText(content, echoedCharacters)}`, id };
    }
    case 'recall': {
      const days = args.days !== undefined && args.days > 0 ? args.days : defaultDays;
      const found = await memories.recall({
        days,
        type: args.type === '' ? undefined : args.type,
        limit: args.limit ?? maxRecalled,
      });
      return { memories: found, count: found.length };
    }
    case 'search': {
      const found = await memories.search(require(args, 'query'), Math.min(args.limit ?? defaultFound, maxFound));
      return { memories: found, count: found.length };
    }
    case 'update': {
      const { content, type, tags, importance } = args;
      const memory = await memories.update(require(args, 'id'), { content, type, tags, importance });
      return { message: `Updated memory #${memory.id}: ${cutText(memory.content, echoedCharacters)}`, id: memory.id };
    }
    case 'forget': {
      const memory = await memories.forget(require(args, 'id'));
      return { message: `Forgot memory #${memory.id}: ${cutText(memory.content, echoedCharacters)}` };
    }
  }
}

function require<Name extends 'content' | 'query' | 'id'>(args: Arguments, name: Name): NonNullable<Arguments[Name]> {
  const value = args[name];
  if (value === undefined || value === '') {
    throw new ClayError('BAD_ARGUMENTS', `The action "${args.action}" needs "${name}".`);
  }
  return value;
}
