import type { UsageEntry, UsageSum } from '../../store/usage-ledger.ts';
import type { Unit } from './budget.ts';
import type { Span } from './period.ts';

/** What a model call may cost at most, or has cost. */
export type Amounts = Readonly<Record<Unit, number>>;

/** What one scope has spent in one period, kept beside the ledger so that no call waits for a sum. */
export class Account {
  readonly span: Span;
  #spent: Amounts;
  #reserved: Amounts = { usd: 0, tokens: 0 };
  #changed = Promise.withResolvers<void>();

  constructor(span: Span, spent: Amounts) {
    this.span = span;
    this.#spent = spent;
  }

  /** By calls that have ended. */
  get spent(): Amounts {
    return this.#spent;
  }

  /** For calls under way: the most that they may cost. */
  get reserved(): Amounts {
    return this.#reserved;
  }

  /** Resolves when less may be reserved than now. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  reserve(most: Amounts): void {
    this.#reserved = plus(this.#reserved, most);
  }

  release(most: Amounts): void {
    this.#reserved = plus(this.#reserved, { usd: -most.usd, tokens: -most.tokens });
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  add(cost: Amounts): void {
    this.#spent = plus(this.#spent, cost);
  }
}

function plus(a: Amounts, b: Amounts): Amounts {
  // What is given back is what was taken, but sums of fractions drift.
  return { usd: Math.max(0, a.usd + b.usd), tokens: Math.max(0, a.tokens + b.tokens) };
}

export function amountsOf(
  counted: Pick<UsageEntry | UsageSum, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'> & {
    readonly costUsd: number | null;
  },
): Amounts {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd } = counted;
  return { usd: costUsd ?? 0, tokens: inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens };
}
