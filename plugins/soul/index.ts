import { ClayError, definePlugin, toFailure } from '@clay/sdk';
import { z } from 'zod';
import { Soul } from './soul.ts';
import { inlinedSoulFiles, readOnlySoulFiles, type SoulFileName, soulFileNames } from './soul-file.ts';
import { SoulHistory, soulMigrations } from './soul-history.ts';

/** Of one file in the system instruction; the agent can read the rest by its tool. */
const inlinedCharacters = 20_000;
const laidOutKey = 'laid-out';

const filename = z.enum(soulFileNames);
const parameters = z.strictObject({
  action: z.enum(['read', 'write', 'history', 'restore']).describe('What to do.'),
  filename: filename.describe(`The file. ${readOnlySoulFiles.join(', ')} can only be read.`),
  content: z.string().optional().describe('For write: the whole new content.'),
  version: z.int().optional().describe('For restore: a version from the history.'),
});
const readParameters = z.strictObject({ filename });

type Arguments = z.infer<typeof parameters>;

export default definePlugin({
  name: 'soul',
  setup(ctx) {
    ctx.store.migrations(soulMigrations);
    const history = new SoulHistory(ctx.store, ctx.clock);
    const soul = new Soul(ctx.paths.soul, history);

    ctx.tool({
      name: 'soul',
      readOnly: { action: ['read', 'history'] },
      description:
        'Who you are and whom you work for: SOUL.md (character), IDENTITY.md (name, role), USER.md (the person), HEARTBEAT.md (what to do unasked), BOOTSTRAP.md (the first conversation). A change is seen at your next turn; former versions can be restored.',
      parameters,
      parallel: false,
      run: (args) => use(soul, history, args),
    });

    ctx.service({
      name: 'soul',
      methods: {
        read: {
          description: 'A soul file: `{content}`, null when it does not exist.',
          parameters: readParameters,
          idempotent: true,
          run: async (args) => ({ content: await soul.read(readParameters.parse(args).filename) }),
        },
        list: {
          description: 'The names of the soul files that exist.',
          idempotent: true,
          run: async () => {
            const contents = await Promise.all(soulFileNames.map((name) => soul.read(name)));
            return soulFileNames.filter((_, index) => contents[index] !== null);
          },
        },
      },
    });

    ctx.prompt({ name: 'soul', placement: 'system', order: 10, render: () => identitySection(soul) });
    ctx.prompt({
      name: 'heartbeat',
      placement: 'message',
      order: 60,
      // Typed by a person it is only text.
      render: ({ user, text }) =>
        user === 'heartbeat' && text.startsWith('[HEARTBEAT]') ? heartbeatSection(soul) : null,
    });

    ctx.onLive(async () => {
      if ((await ctx.store.get(laidOutKey)) === true) return;
      const laid = await soul.layOut();
      await ctx.store.set(laidOutKey, true);
      if (laid.length > 0) ctx.log.info('soul.laid-out', { files: [...laid] });
    });
  },
});

async function use(soul: Soul, history: SoulHistory, args: Arguments) {
  switch (args.action) {
    case 'read': {
      const content = soul.read(args.filename);
      if (content === null) throw new ClayError('NOT_FOUND', `${args.filename} does not exist yet`);
      return { content };
    }
    case 'write':
      if (args.content === undefined) throw new ClayError('BAD_ARGUMENTS', 'The action "write" needs "content".');
      await soul.write(args.filename, args.content);
      return { message: `Updated ${args.filename}` };
    case 'history': {
      const versions = await history.list(args.filename);
      return { versions, count: versions.length };
    }
    case 'restore':
      if (args.version === undefined) {
        throw new ClayError(
          'BAD_ARGUMENTS',
          'The action "restore" needs "version". Ask for the history to see the versions.',
        );
      }
      await soul.restore(args.filename, args.version);
      return { message: `Restored ${args.filename} to version ${args.version}` };
  }
}

function identitySection(soul: Soul): string | null {
  const present = inlinedSoulFiles.map((name) => inlineFile(soul, name)).filter((section) => section !== null);
  return present.length === 0 ? null : present.join('\n\n');
}

/** One broken file does not take the others with it. */
function inlineFile(soul: Soul, name: SoulFileName): string | null {
  try {
    return inline(name, soul.read(name));
  } catch (error) {
    return `--- ${name} ---\n[cannot be read: ${toFailure(error).error}]`;
  }
}

function inline(name: SoulFileName, content: string | null): string | null {
  if (content === null || content.trim() === '') return null;
  const text = content.trim();
  if (text.length <= inlinedCharacters) return `--- ${name} ---\n${text}`;
  const rest = text.length - inlinedCharacters;
  return `--- ${name} ---\n${text.slice(0, inlinedCharacters).toWellFormed()}\n[${rest} more characters: read ${name} with the soul tool]`;
}

function heartbeatSection(soul: Soul): string | null {
  const notes = soul.read('HEARTBEAT.md');
  return notes === null || notes.trim() === '' ? null : `--- HEARTBEAT NOTES (HEARTBEAT.md) ---\n${notes.trim()}`;
}
