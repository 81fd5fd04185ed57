import { type Call, ClayError, definePlugin } from '@clay/sdk';
import { z } from 'zod';
import { catchUps } from './agenda.ts';
import { scheduleConfig } from './config.ts';
import { describeReceipt, describeSchedule, listText } from './describe.ts';
import { parseDuration } from './duration.ts';
import { nextDue, parseRule } from './rule.ts';
import { nothingToTell } from './run-schedule.ts';
import { type Schedule, ScheduleTable, scheduleMigrations } from './schedule-table.ts';
import { Ticker } from './ticker.ts';

const name = z.string().trim().min(1).max(60);

const addParameters = z.strictObject({
  name: name.describe('Short and unique, for people: "morning news".'),
  prompt: z
    .string()
    .trim()
    .min(1)
    .max(4_000)
    .describe(
      `What to do then, complete: nobody explains it again. Say when there is nothing to tell; ${nothingToTell} as the whole answer is then sent to nobody.`,
    ),
  cron: z
    .string()
    .optional()
    .describe('Five fields, minute hour day month weekday: "0 8 * * mon-fri" is every weekday at 8.'),
  every: z.string().optional().describe('From now on, such as "2h" or "every 90m".'),
  at: z.string().optional().describe('Once: "2026-03-10T08:00" in the time zone, or with an offset or Z.'),
  timezone: z
    .string()
    .optional()
    .describe('Such as "Europe/Berlin". Default: the claw’s; give the person’s when you know it.'),
  catch_up: z
    .enum(catchUps)
    .default('run-once')
    .describe(
      'After the claw was down: "run-once" makes up for all missed runs with one, "skip" with none, "all" with each of the newest few.',
    ),
});

const listParameters = z.strictObject({ runs: z.int().min(0).max(100).default(3).describe('Last runs of each.') });
const receiptParameters = z.strictObject({ limit: z.int().min(1).max(1000).default(50) });

/** Of what is made outside of every conversation. */
const nobody = 'schedule';

export default definePlugin({
  name: 'schedule',
  config: scheduleConfig,
  setup(ctx) {
    ctx.store.migrations(scheduleMigrations);
    const { clock, config } = ctx;
    const table = new ScheduleTable(ctx.store);
    const ticker = new Ticker(ctx, table);

    ctx.lease({
      name: 'schedule:clock',
      onGrant(signal) {
        const ended = ticker.tick(signal);
        return () => ended;
      },
    });

    const add = async (args: z.infer<typeof addParameters>, { session }: Pick<Call, 'session'>) => {
      const now = clock.now();
      const zone = args.timezone ?? config.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
      const minIntervalMs = parseDuration(config.minInterval) ?? 0;
      const rule = parseRule({ ...args, zone, now, minIntervalMs });
      const earlier = await table.find(args.name);
      if (earlier !== undefined && earlier.dueAt !== null) {
        throw new ClayError(
          'CONFLICT',
          `There is a schedule "${earlier.name}" already; remove it first, or choose another name.`,
        );
      }
      if (earlier !== undefined) await table.remove(earlier.id);
      const schedule: Omit<Schedule, 'id'> = {
        name: args.name,
        rule,
        prompt: args.prompt,
        catchUp: args.catch_up,
        user: session?.user ?? nobody,
        createdAt: now,
        dueAt: nextDue(rule, now),
      };
      const id = await table.add(schedule, config.maxSchedules);
      if (id === undefined) {
        throw new ClayError(
          'TOO_LARGE',
          `There are ${config.maxSchedules} schedules, which is the limit (maxSchedules of the schedule plugin in clay.json). Remove one first.`,
        );
      }
      ticker.wake();
      return { message: `Added the schedule "${args.name}".`, schedule: describeSchedule({ ...schedule, id }) };
    };

    const remove = async (wanted: string) => {
      const schedule = await table.find(wanted);
      if (schedule === undefined) {
        const names = (await table.list()).map((known) => JSON.stringify(known.name)).join(', ');
        throw new ClayError(
          'NOT_FOUND',
          `There is no schedule ${JSON.stringify(wanted)}. There are: ${names || 'none'}.`,
        );
      }
      await table.remove(schedule.id);
      ticker.wake();
      return { message: `Removed the schedule "${schedule.name}".` };
    };

    const list = async (runs: number) =>
      Promise.all(
        (await table.list()).map(async (schedule) => ({
          ...describeSchedule(schedule),
          lastRuns: (await table.receipts(Math.max(1, runs), schedule.id))
            .slice(0, runs)
            .map((receipt) => describeReceipt(receipt, schedule.rule.zone)),
        })),
      );

    ctx.tool({
      name: 'schedule_add',
      description:
        'Plans something to be done at times: then you are asked with the prompt, in this conversation, and your answer is sent to this chat. Exactly one of cron, every and at.',
      parameters: addParameters,
      parallel: false,
      run: add,
    });
    ctx.tool({
      name: 'schedule_list',
      description: 'Lists what is planned, when it is due next, and what became of the last runs.',
      parameters: listParameters,
      idempotent: true,
      run: async ({ runs }) => {
        const schedules = await list(runs);
        return { count: schedules.length, schedules };
      },
    });
    ctx.tool({
      name: 'schedule_remove',
      description: 'Removes what was planned, by its name.',
      parameters: z.strictObject({ name }),
      parallel: false,
      run: (args) => remove(args.name),
    });

    ctx.command({
      name: 'schedules',
      description: 'what is planned; /schedules remove NAME takes one away',
      run: async (argument) => {
        const [, wanted] = /^remove\s+(.+)$/i.exec(argument.trim()) ?? [];
        if (wanted !== undefined) return (await remove(wanted)).message;
        return listText(await table.list(), await table.receipts(200));
      },
    });

    ctx.service({
      name: 'schedule',
      methods: {
        list: {
          description: 'What is planned: `{schedules}`.',
          parameters: listParameters,
          idempotent: true,
          run: async ({ runs }) => ({ schedules: await list(runs) }),
        },
        receipts: {
          description: 'What became of each instant that was due, the newest first: `{receipts}`.',
          parameters: receiptParameters,
          idempotent: true,
          run: async ({ limit }) => ({ receipts: await table.receipts(limit) }),
        },
      },
    });
  },
});
