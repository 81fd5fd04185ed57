import { z } from 'zod';

const sum = z.looseObject({
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  costUsd: z.number(),
  unpricedCalls: z.number(),
});

/** What `service:usage.sums` gives. */
export const sumsShape = z.looseObject({ total: sum, groups: z.array(sum.extend({ name: z.string() })) });

const budget = z.looseObject({
  scope: z.enum(['claw', 'user', 'plugin', 'schedule']),
  name: z.string(),
  period: z.enum(['day', 'month']),
  unit: z.enum(['usd', 'tokens']),
  limit: z.number(),
  spent: z.number(),
  left: z.number(),
  until: z.number(),
});

/** What `service:usage.budgets` gives. */
export const budgetsShape = z.looseObject({ timeZone: z.string(), budgets: z.array(budget) });

export type Sum = z.infer<typeof sum>;
export type BudgetState = z.infer<typeof budget>;

/** One line of numbers; the cost is left out where nothing has a price. */
export function describeSum({ calls, unpricedCalls, costUsd, outputTokens, ...read }: Sum): string {
  const input = read.inputTokens + read.cacheReadTokens + read.cacheWriteTokens;
  const counted = `${count(calls)} model ${calls === 1 ? 'call' : 'calls'}, ${count(input)} tokens read, ${count(outputTokens)} written`;
  if (unpricedCalls === calls) return counted;
  return `${counted}, ${unpricedCalls > 0 ? 'at least ' : ''}$${costUsd.toFixed(2)}`;
}

/** One line of a budget. */
export function describeBudget({ scope, name, period, unit, limit, spent, left }: BudgetState): string {
  const whose = scope === 'claw' ? 'The claw' : `${scope} ${name}`;
  const when = period === 'day' ? 'today' : 'this month';
  const percent = limit === 0 ? 100 : Math.floor((spent / limit) * 100);
  const standing = left === 0 ? 'used up' : `${amount(unit, left)} left`;
  return `${whose}, ${when}: ${amount(unit, spent)} of ${amount(unit, limit)} (${percent} %), ${standing}`;
}

function amount(unit: BudgetState['unit'], value: number): string {
  return unit === 'usd' ? `$${value.toFixed(value > 0 && value < 0.1 ? 4 : 2)}` : `${count(value)} tokens`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
