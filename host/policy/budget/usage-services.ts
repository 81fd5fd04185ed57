import type { Clock, Json, JsonObject } from '@clay/sdk';
import type { HostCapability } from '../../kernel/host-capabilities.ts';
import type { UsageFilter, UsageGroup, UsageLedger, UsageSum } from '../../store/usage-ledger.ts';
import type { Budgets } from './budgets.ts';
import { spanAt } from './period.ts';

export interface UsageServicesOptions {
  readonly usage: Pick<UsageLedger, 'sum' | 'sumBy'>;
  readonly budgets: Pick<Budgets, 'states'>;
  readonly timeZone: string;
  readonly clock: Clock;
}

const periods = ['day', 'month', 'all'] as const;
const groups = ['user', 'plugin', 'schedule', 'model', 'day'] as const satisfies readonly UsageGroup[];

/**
 * `usage.sums` {period, by?, session?} → {total, groups}, and `usage.budgets` {} → {timeZone, budgets}: what the model has
 * cost, and what it still may.
 */
export function usageServices({ usage, budgets, timeZone, clock }: UsageServicesOptions): readonly HostCapability[] {
  const since = (period: (typeof periods)[number]): UsageFilter =>
    period === 'all' ? {} : { since: spanAt(clock.now(), period, timeZone).since };
  return [
    {
      kind: 'service',
      name: 'usage.sums',
      description: 'What the model has cost in a period: `{total, groups: [{name, …}]}`.',
      parameters: {
        type: 'object',
        properties: {
          period: { enum: [...periods] },
          by: { enum: [...groups] },
          session: { type: 'boolean', description: 'Only the conversation that the call serves.' },
        },
        required: ['period'],
        additionalProperties: false,
      },
      details: { idempotent: true },
      run(args: Json, { session }): Json {
        const { period, by, session: isOwn } = args as JsonObject;
        const own = isOwn === true ? { user: session?.user ?? '', session: session?.id ?? '' } : {};
        const filter = { ...since(period as (typeof periods)[number]), ...own };
        const parted = by === undefined ? [] : usage.sumBy(by as UsageGroup, filter);
        return { total: toJson(usage.sum(filter)), groups: parted.map(toJson) };
      },
    },
    {
      kind: 'service',
      name: 'usage.budgets',
      description: 'How the operator’s budgets stand: `{timeZone, budgets}`.',
      parameters: null,
      details: { idempotent: true },
      run: () => ({ timeZone, budgets: budgets.states().map((state) => ({ ...state })) }),
    },
  ];
}

function toJson(sum: UsageSum): JsonObject {
  return { ...sum };
}
