import { type CallSession, ClayError, type Clock, type Log } from '@clay/sdk';
import type { Allowance, Price } from '../../config/config.ts';
import type { UsageEntry, UsageFilter, UsageLedger } from '../../store/usage-ledger.ts';
import { Account, type Amounts, amountsOf } from './account.ts';
import {
  accountNames,
  type Budget,
  describeScope,
  formatAmount,
  parseBudgets,
  type Scope,
  type Spender,
} from './budget.ts';
import { formatEnd, type Period, spanAt } from './period.ts';
import { TurnOrigins } from './turn-origins.ts';

/** A model call that is about to be made. */
export interface PlannedCall {
  readonly model: string;
  /** Whether its provider asks for money or counts tokens at all. */
  readonly isFree?: boolean;
  /** Estimated; asked for only when there is a budget. */
  readonly inputTokens: () => number;
  readonly maxOutputTokens: number;
  /** The conversation whose person reads at once that the call was refused; null when nobody does. */
  readonly toldIn: CallSession | null;
}

/** An admitted call, of whom it is. What it costs is recorded, then it is ended, once. */
export interface Charge {
  readonly spender: Spender;
  record(entry: UsageEntry): void;
  end(): void;
}

/** Something that people have to hear: once, whoever causes it again. */
export interface BudgetNotice {
  readonly key: string;
  readonly text: string;
  /** The person that a budget of their own concerns. */
  readonly user: string | null;
  /** Set when somebody waits for an answer that tells the same. */
  readonly toldIn: CallSession | null;
}

/** How one budget stands. */
export interface BudgetState {
  readonly scope: Scope;
  readonly name: string;
  readonly period: Period;
  readonly unit: Budget['unit'];
  readonly limit: number;
  readonly spent: number;
  readonly left: number;
  /** When it begins anew, in milliseconds since the epoch. */
  readonly until: number;
}

export interface BudgetsOptions {
  readonly budgets: Readonly<Record<string, Allowance>>;
  readonly prices: Readonly<Record<string, Price>>;
  readonly timeZone: string;
  readonly usage: Pick<UsageLedger, 'record' | 'sum' | 'sumBy'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly notify: (notice: BudgetNotice) => void;
}

/** The part of a budget at which people are warned. */
const warnAt = 0.8;
/** Answers are seldom as long as they may be: more would hold up calls that run beside each other. */
const mostReservedOutput = 8_192;

/**
 * Stands before every model call. A call is admitted while what was spent, and what the calls under way may cost, is below
 * every limit; near a limit calls therefore run one after another, and no limit is overshot by more than one call.
 */
export class Budgets {
  /** Kept by whoever runs turns. */
  readonly origins = new TurnOrigins();
  readonly #options: BudgetsOptions;
  readonly #budgets: readonly Budget[];
  readonly #accounts = new Map<string, Account>();
  readonly #told = new Set<string>();

  constructor(options: BudgetsOptions) {
    this.#options = options;
    this.#budgets = parseBudgets(options.budgets);
  }

  /**
   * Resolves when the call may be made.
   *
   * @throws ClayError `BUDGET_SPENT` with which budget is, and until when; or what the signal was aborted with
   */
  async admit(spender: Spender, call: PlannedCall, signal?: AbortSignal): Promise<Charge> {
    const most = this.#most(call);
    for (;;) {
      signal?.throwIfAborted();
      const standing = this.#standing(spender);
      for (const one of standing) this.#requireLeft(one, spender, call);
      const full = standing.find(({ budget: { unit, limit }, account: { spent, reserved } }) =>
        reaches(spent[unit] + reserved[unit], limit),
      );
      if (full === undefined) return this.#charge(new Set(standing.map(({ account }) => account)), spender, most);
      await untilChanged(full.account, signal);
    }
  }

  /** How the budgets stand that concern the whole claw, and those of each user, plugin and schedule that has spent. */
  states(): readonly BudgetState[] {
    return this.#budgets.flatMap((budget) => {
      const { scope, name, period, unit, limit } = budget;
      return (name === '*' ? this.#namesOf(scope, period) : [name]).map((one) => {
        const { spent, span } = this.#account(scope, one, period);
        const left = Math.max(0, limit - spent[unit]);
        return { scope, name: one, period, unit, limit, spent: spent[unit], left, until: span.until };
      });
    });
  }

  #most({ model, inputTokens, maxOutputTokens, isFree }: PlannedCall): Amounts {
    if (this.#budgets.length === 0 || isFree) return { usd: 0, tokens: 0 };
    const [input, output] = [inputTokens(), Math.min(maxOutputTokens, mostReservedOutput)];
    const price = this.#priceOf(model);
    const usd =
      price === undefined ? 0 : (input * Math.max(price.input, price.cacheWrite) + output * price.output) / 1e6;
    return { usd, tokens: input + output };
  }

  #priceOf(model: string): Price | undefined {
    const { prices } = this.#options;
    return Object.hasOwn(prices, model) ? prices[model] : undefined;
  }

  #standing(spender: Spender): readonly Standing[] {
    return this.#budgets.flatMap((budget) =>
      accountNames(budget, spender).map((name) => ({
        budget,
        name,
        account: this.#account(budget.scope, name, budget.period),
      })),
    );
  }

  #account(scope: Scope, name: string, period: Period): Account {
    const { clock, usage, timeZone } = this.#options;
    const now = clock.now();
    const key = `${period} ${scope}:${name}`;
    const known = this.#accounts.get(key);
    if (known !== undefined && known.span.since <= now && now < known.span.until) return known;
    const span = spanAt(now, period, timeZone);
    const account = new Account(
      span,
      amountsOf(usage.sum({ since: span.since, until: span.until, ...filter(scope, name) })),
    );
    this.#accounts.set(key, account);
    return account;
  }

  #namesOf(scope: Scope, period: Period): readonly string[] {
    if (scope === 'claw') return [''];
    const { clock, usage, timeZone } = this.#options;
    const { since } = spanAt(clock.now(), period, timeZone);
    const spenders = usage.sumBy(scope, { since }).map(({ name }) => name);
    const open = [...this.#accounts.keys()].flatMap((key) => key.split(`${period} ${scope}:`)[1] ?? []);
    return [...new Set([...spenders, ...open])].filter((name) => name !== '' && name !== 'host');
  }

  #requireLeft(standing: Standing, { startedBy }: Spender, { model, toldIn, isFree }: PlannedCall): void {
    const { budget, name, account } = standing;
    const { scope, period, unit, limit } = budget;
    const { timeZone, log } = this.#options;
    const whose = describeScope(scope, name);
    if (unit === 'usd' && !isFree && this.#priceOf(model) === undefined) {
      throw new ClayError(
        'BUDGET_SPENT',
        `The budget of ${whose} is in dollars, and "prices" in clay.json has no price for the model ${model}, so it cannot be asked.`,
      );
    }
    if (!reaches(account.spent[unit], limit)) return;
    const text = `I stop here: the budget of ${whose} for this ${period} (${formatAmount(unit, limit)}) is used up. It begins anew at ${formatEnd(account.span, timeZone)}; the operator can raise it ("budgets" in clay.json).`;
    log.warn('budget.spent', { scope, name, period, unit, limit, spent: account.spent[unit] });
    this.#tell(standing, 'spent', text, startedBy === '' ? toldIn : null);
    throw new ClayError('BUDGET_SPENT', text, {
      data: { scope, name, period, unit, limit, until: account.span.until },
    });
  }

  #charge(accounts: ReadonlySet<Account>, spender: Spender, most: Amounts): Charge {
    for (const account of accounts) account.reserve(most);
    let hasEnded = false;
    return {
      spender,
      record: (entry) => this.#record(entry, spender),
      end() {
        if (hasEnded) return;
        hasEnded = true;
        for (const account of accounts) account.release(most);
      },
    };
  }

  #record(entry: UsageEntry, spender: Spender): void {
    // Before the row is written: an account that is opened now would count it too.
    const standing = this.#standing(spender);
    this.#options.usage.record(entry);
    const cost = amountsOf(entry);
    for (const account of new Set(standing.map((one) => one.account))) account.add(cost);
    for (const one of standing) this.#warn(one);
  }

  #warn(standing: Standing): void {
    const { budget, name, account } = standing;
    const { scope, period, unit, limit } = budget;
    const spent = account.spent[unit];
    if (spent < limit * warnAt || reaches(spent, limit)) return;
    const share = Math.floor((spent / limit) * 100);
    this.#tell(
      standing,
      'warned',
      `${share} % of the budget of ${describeScope(scope, name)} for this ${period} is used: ${formatAmount(unit, spent)} of ${formatAmount(unit, limit)}. At 100 % I stop until ${formatEnd(account.span, this.#options.timeZone)}.`,
      null,
    );
  }

  #tell({ budget, name, account }: Standing, what: string, text: string, toldIn: CallSession | null): void {
    const { scope, period, unit, limit } = budget;
    const key = `budget:${scope}:${name}:${period}:${unit}:${limit}:${account.span.since}:${what}`;
    if (this.#told.has(key)) return;
    // Somebody who reads it as the answer does not stand for those who read nothing.
    if (toldIn === null) this.#told.add(key);
    this.#options.notify({ key, text, user: scope === 'user' ? name : null, toldIn });
  }
}

/** Sums of fractions of a cent end a hair below what they are. */
function reaches(amount: number, limit: number): boolean {
  return amount >= limit * (1 - 1e-9);
}

interface Standing {
  readonly budget: Budget;
  /** Of the one whose account it is. */
  readonly name: string;
  readonly account: Account;
}

function filter(scope: Scope, name: string): UsageFilter {
  switch (scope) {
    case 'claw':
      return {};
    case 'user':
      return { user: name };
    case 'plugin':
      return { cause: name };
    case 'schedule':
      return { schedule: name };
  }
}

async function untilChanged({ changed }: Account, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return changed;
  const aborted = Promise.withResolvers<void>();
  const abort = () => aborted.resolve();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([changed, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
