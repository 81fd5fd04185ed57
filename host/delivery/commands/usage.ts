import type { UsageSum } from '../../store/usage-ledger.ts';
import type { CommandContext } from './command.ts';

const dayMs = 24 * 3_600_000;

export function usageText({ parts, agentHost, user, session }: CommandContext): string {
  const { usage } = parts.store;
  const app = agentHost.appName;
  return [
    line('This conversation', usage.sum({ app, user, session })),
    line('The last 24 hours', usage.sum({ app, since: parts.clock.now() - dayMs })),
    line('In all', usage.sum({ app })),
  ].join('\n');
}

function line(what: string, sum: UsageSum): string {
  const tokens = sum.inputTokens + sum.cacheReadTokens + sum.cacheWriteTokens;
  const counted = `${count(sum.calls)} model calls, ${count(tokens)} tokens read, ${count(sum.outputTokens)} written`;
  return `- ${what}: ${counted}${cost(sum)}`;
}

function cost({ calls, costUsd, unpricedCalls }: UsageSum): string {
  if (unpricedCalls === calls) return '';
  return `, ${unpricedCalls > 0 ? 'at least ' : ''}$${costUsd.toFixed(2)}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
