import { definePlugin, type Json, type JsonObject } from '@clay/sdk';
import { z } from 'zod';
import { budgetsShape, describeBudget, describeSum, sumsShape } from './report.ts';

const parameters = z.strictObject({
  period: z.enum(['day', 'month', 'all']).optional().describe('Today, this month, or ever. Default: day.'),
  by: z.enum(['model', 'plugin', 'user', 'schedule', 'day']).optional().describe('Also parted by this.'),
});

/** Lines of one part of a report in a chat. */
const shownGroups = 5;

export default definePlugin({
  name: 'usage',
  setup(ctx) {
    const sums = async (args: JsonObject) => sumsShape.parse(await ctx.call('service:usage.sums', args));
    const budgets = async () => budgetsShape.parse(await ctx.call('service:usage.budgets', {}));

    ctx.tool({
      name: 'usage',
      description: 'Tells what the model has cost, in tokens and dollars, and what the budgets of the operator leave.',
      parameters,
      readOnly: true,
      idempotent: true,
      run: async ({ period = 'day', by }): Promise<Json> => {
        const { total, groups } = await sums({ period, ...(by !== undefined && { by }) });
        const { timeZone, budgets: standing } = await budgets();
        return {
          period,
          total: { ...total, text: describeSum(total) },
          ...(by !== undefined && { by: groups.map((one) => ({ ...one, name: one.name || 'people' })) }),
          budgets: standing.map((one) => ({ ...one, until: new Date(one.until).toISOString() })),
          timeZone,
        };
      },
    });

    ctx.command({
      name: 'usage',
      description: 'what the model has cost, and what the budgets leave',
      run: async () => {
        const [own, today, month, ever, { budgets: standing }] = await Promise.all([
          sums({ period: 'all', session: true }),
          sums({ period: 'day', by: 'plugin' }),
          sums({ period: 'month', by: 'model' }),
          sums({ period: 'all' }),
          budgets(),
        ]);
        return [
          `- This conversation: ${describeSum(own.total)}`,
          `- Today: ${describeSum(today.total)}`,
          ...parts(today.groups),
          `- This month: ${describeSum(month.total)}`,
          ...parts(month.groups),
          `- In all: ${describeSum(ever.total)}`,
          ...(standing.length === 0 ? ['', 'There is no budget.'] : ['', 'Budgets:', '', ...standing.map(line)]),
        ].join('\n');
      },
    });
  },
});

/** Nothing for a sum of one part. */
function parts(groups: z.infer<typeof sumsShape>['groups']): string[] {
  if (groups.length < 2) return [];
  const shown = groups.slice(0, shownGroups).map((one) => `  - ${describeName(one.name)}: ${describeSum(one)}`);
  return groups.length > shownGroups ? [...shown, `  - … and ${groups.length - shownGroups} more`] : shown;
}

/** The host asks the model for those who talk with the claw. */
function describeName(name: string): string {
  return name === 'host' ? 'conversations' : `\`${name}\``;
}

function line(budget: z.infer<typeof budgetsShape>['budgets'][number]): string {
  return `- ${describeBudget(budget)}`;
}
