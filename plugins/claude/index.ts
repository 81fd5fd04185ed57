import { type Call, ClayError, definePlugin, type Stream } from '@clay/sdk';
import { z } from 'zod';
import { availabilityOf } from './availability.ts';
import { claudeConfig } from './claude-config.ts';
import { requireConsent } from './consent.ts';
import { Conversations, conversationMigrations } from './conversations.ts';
import { Folders } from './folders.ts';
import { clawMark } from './program/environment.ts';
import { endOrphans } from './program/marked-processes.ts';
import { runClaude } from './run/run-claude.ts';

const toolParameters = z.strictObject({
  task: z.string().min(1).describe('Everything that it has to know: it sees nothing of this conversation.'),
  working_dir: z
    .string()
    .optional()
    .describe('Where it works: a folder below its own, or such as data/plugins/rates. Default: its own.'),
});

export default definePlugin({
  name: 'claude',
  config: claudeConfig,
  tables: ['claude_sessions'],
  requires: ['service:llm.endpoint', 'service:llm.endpoint.end'],
  optional: ['service:chat.ask'],
  setup(ctx) {
    const { config } = ctx;
    const { program, problem } = availabilityOf(config);
    const folders = new Folders(ctx.paths, config.roots);
    const conversations = new Conversations(ctx.store, ctx.clock);
    let running = 0;

    async function* run(task: string, workingDir: string | undefined, call: Call): Stream<string> {
      if (program === null) throw new ClayError('UNAVAILABLE', problem);
      if (task.trim() === '') throw new ClayError('BAD_ARGUMENTS', 'The task is empty.');
      if (running >= config.maxRuns) {
        const message = `Claude Code works on ${running} tasks already, and no more than ${config.maxRuns} run side by side ("maxRuns"). Try again when one has ended.`;
        throw new ClayError('UNAVAILABLE', message);
      }
      running++;
      try {
        folders.prepare();
        const chosen = await folders.choose(workingDir);
        await requireConsent(task, chosen[0] ?? '', call, ctx);
        const parts = { config, conversations, clock: ctx.clock, log: ctx.log, call: ctx.call };
        return yield* runClaude({ program, task, folders: chosen, home: folders.home }, call, parts);
      } finally {
        running--;
        if (running === 0) folders.clean();
      }
    }

    ctx.store.migrations(conversationMigrations);
    ctx.command({
      name: 'claude',
      description: 'how Claude Code is doing; /claude forget lets it begin this conversation anew',
      async run(argument, call) {
        if (argument.trim() === 'forget') {
          const forgotten = call.session === null ? 0 : await conversations.forget(call.session);
          return forgotten === 0 ? 'There was nothing to forget.' : 'Claude Code begins anew.';
        }
        if (problem !== null) return problem;
        const { maxTurns, maxTokens } = config;
        return `Claude Code is there (${program}); it works in ${folders.home}/work. At most ${maxTurns} steps and ${maxTokens} tokens a task; ${running} running.`;
      },
    });
    ctx.onLive(async () => {
      if (problem !== null) return ctx.log.info('claude.absent', { problem });
      const ended = await endOrphans(clawMark(folders.home));
      if (ended > 0) ctx.log.warn('claude.orphans.ended', { processes: ended });
    });
    if (program === null) return;

    ctx.agent({
      type: 'external',
      name: 'claude',
      description:
        'Claude Code: writes and changes programs, works with many files, runs commands and tests in a folder of its own. Remembers what it did in this conversation.',
      run: (task, call) => run(task, undefined, call),
    });
    ctx.tool({
      name: 'claude_code',
      description:
        'Gives one coding task to Claude Code and waits for its answer. It works in a folder, with shell and editor, and remembers its earlier tasks of this conversation in that folder.',
      parameters: toolParameters,
      timeoutMs: config.toolMs,
      async run({ task, working_dir: workingDir }, call) {
        const steps = run(task, workingDir, call);
        for (let step = await steps.next(); ; step = await steps.next()) if (step.done === true) return step.value;
      },
    });
  },
});
