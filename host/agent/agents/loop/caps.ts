import type { UsageSum } from '../../../store/usage-ledger.ts';
import type { CapsPlan } from './loop-plan.ts';

export interface Spent {
  readonly ms: number;
  readonly tokens: number;
  readonly costUsd: number;
}

const minuteMs = 60_000;
/** The rest is for the report of the agent that began the loop. */
const partOfTurn = 0.9;

/** Longest work, whatever the loop says: the turn that it is part of ends too. */
export function timeCapMs({ minutes }: CapsPlan, turnMs: number): number {
  return Math.min(minutes * minuteMs, turnMs * partOfTurn);
}

/** Which cap is reached, in a sentence with the name of the setting. */
export function overrun(caps: CapsPlan, turnMs: number, spent: Spent): string | undefined {
  const ms = timeCapMs(caps, turnMs);
  if (spent.ms >= ms) {
    const name = ms < caps.minutes * minuteMs ? 'nine tenths of limits.turnMs' : 'caps.minutes';
    return `It has worked for ${rounded(spent.ms / minuteMs)} minutes; ${name} ends it at ${rounded(ms / minuteMs)}.`;
  }
  if (spent.tokens >= caps.tokens) return `It has used ${spent.tokens} tokens; caps.tokens ends it at ${caps.tokens}.`;
  if (spent.costUsd >= caps.costUsd) {
    return `It has cost $${spent.costUsd.toFixed(2)}; caps.costUsd ends it at $${caps.costUsd}.`;
  }
  return undefined;
}

export function tokensOf({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: UsageSum): number {
  return inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
