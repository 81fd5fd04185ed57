import { ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { type Task, taskStatuses } from './task.ts';
import { TaskList, taskMigrations } from './task-list.ts';
import { formatTaskReport } from './task-report.ts';

const dayMs = 24 * 60 * 60 * 1000;
const maxRecentlyCompleted = 10;

const parameters = z.strictObject({
  action: z.enum(['add', 'list', 'start', 'complete', 'remove']).describe('What to do.'),
  title: z.string().optional().describe('For add: what is to be done.'),
  description: z.string().optional().describe('For add: details.'),
  priority: z.number().optional().describe('For add: 1 (most urgent) to 5. Default 3.'),
  id: z.int().optional().describe('For start, complete and remove: the number of the task.'),
  status: z
    .enum([...taskStatuses, ''])
    .optional()
    .describe('For list. Default: all that are not completed.'),
});

const listParameters = z.strictObject({ status: z.enum(taskStatuses).optional() });

type Arguments = z.infer<typeof parameters>;

export default definePlugin({
  name: 'tasks',
  setup(ctx) {
    ctx.store.migrations(taskMigrations);
    const tasks = new TaskList(ctx.store, ctx.clock);

    const report = async (): Promise<string> => {
      const now = ctx.clock.now();
      const { tasks: active, total } = await tasks.list();
      const recentlyCompleted = await tasks.completedSince(now - dayMs, maxRecentlyCompleted);
      return formatTaskReport({ active, hidden: total - active.length, recentlyCompleted }, now);
    };

    ctx.tool({
      name: 'tasks',
      readOnly: { action: ['list'] },
      description:
        'Keeps a list of tasks across conversations. Add what has to be done, start a task before working on it, and complete it when it is done.',
      parameters,
      parallel: false,
      run: (args) => change(tasks, args),
    });

    ctx.service({
      name: 'tasks',
      methods: {
        list: {
          description: 'Tasks with a status, or all that are not completed: `{tasks, total}`.',
          parameters: listParameters,
          idempotent: true,
          run: (args) => tasks.list(listParameters.parse(args).status),
        },
        change: {
          description: 'Takes the arguments of the tool, and gives its result.',
          parameters,
          run: (args) => change(tasks, parameters.parse(args)),
        },
        report: {
          description: 'The task list as a text for a heartbeat.',
          idempotent: true,
          run: report,
        },
      },
    });

    ctx.command({
      name: 'tasks',
      description: 'what I have to do',
      run: async () => {
        const { tasks: active, total } = await tasks.list();
        if (total === 0) return 'There is no open task.';
        const lines = active.map((task) => `- ${label(task)}${task.status === 'in_progress' ? ' – begun' : ''}`);
        return [...lines, ...(active.length < total ? [`… and ${total - active.length} more`] : [])].join('\n');
      },
    });

    ctx.prompt({
      name: 'tasks',
      placement: 'message',
      order: 50,
      render: async ({ user, text }) =>
        // Typed by a person it is only text.
        user === 'heartbeat' && text.startsWith('[HEARTBEAT]') ? `--- YOUR TASKS ---\n${await report()}` : null,
    });
  },
});

async function change(tasks: TaskList, args: Arguments) {
  switch (args.action) {
    case 'add': {
      const { title = '', description, priority } = args;
      return { message: `Added task ${label(await tasks.add({ title, description, priority }))}` };
    }
    case 'list': {
      const { tasks: listed, total } = await tasks.list(args.status === '' ? undefined : args.status);
      if (total === 0) return { message: `No ${describeStatus(args.status)} tasks.` };
      const cut = listed.length < total ? `, the first ${listed.length} are listed` : '';
      return { message: `${total} ${describeStatus(args.status)} task${total === 1 ? '' : 's'}${cut}`, tasks: listed };
    }
    case 'start':
      return { message: `Started task ${label(await tasks.start(requireId(args)))}` };
    case 'complete':
      return { message: `Completed task ${label(await tasks.complete(requireId(args)))}` };
    case 'remove':
      return { message: `Removed task ${label(await tasks.remove(requireId(args)))}` };
  }
}

function requireId({ action, id }: Arguments): number {
  if (id === undefined)
    throw new ClayError(
      'BAD_ARGUMENTS',
      `The action "${action}" needs the id of a task. List the tasks to see their numbers.`,
    );
  return id;
}

function describeStatus(status: Arguments['status']): string {
  return status === undefined || status === '' ? 'active' : status.replace('_', ' ');
}

function label(task: Task): string {
  return `#${task.id}: ${task.title} (P${task.priority})`;
}
