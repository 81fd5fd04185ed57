import type { Allowance } from '../../config/config.ts';
import type { Period } from './period.ts';

export type Scope = 'claw' | 'user' | 'plugin' | 'schedule';
export type Unit = 'usd' | 'tokens';

/** One limit of the operator's. */
export interface Budget {
  readonly scope: Scope;
  /** `*`: each of the scope has this much. Empty for the claw. */
  readonly name: string;
  readonly period: Period;
  readonly unit: Unit;
  readonly limit: number;
}

/** Who pays for a model call. */
export interface Spender {
  readonly user: string;
  /** Who asks: the plugin that owns the agent, or `host`. */
  readonly plugin: string;
  /** The plugin that began the turn; empty when a person did. */
  readonly startedBy: string;
  /** The schedule that was due; empty when none was. */
  readonly schedule: string;
}

/** The limits of `budgets` in `clay.json`, which has been checked. */
export function parseBudgets(settings: Readonly<Record<string, Allowance>>): readonly Budget[] {
  return Object.entries(settings).flatMap(([key, allowance]) => {
    const colon = key.indexOf(':');
    const scope = (colon < 0 ? key : key.slice(0, colon)) as Scope;
    const name = colon < 0 ? '' : key.slice(colon + 1);
    const limits = [
      ['day', 'usd', allowance.usdPerDay],
      ['month', 'usd', allowance.usdPerMonth],
      ['day', 'tokens', allowance.tokensPerDay],
      ['month', 'tokens', allowance.tokensPerMonth],
    ] as const;
    return limits.flatMap(([period, unit, limit]) =>
      limit === undefined ? [] : [{ scope, name, period, unit, limit }],
    );
  });
}

/** Whose spending counts against the budget when this spender pays: empty when the budget is not about them. */
export function accountNames({ scope, name }: Budget, { user, plugin, startedBy, schedule }: Spender): string[] {
  const candidates = {
    claw: [''],
    user: [user],
    plugin: plugin === startedBy ? [plugin] : [plugin, startedBy],
    schedule: [schedule],
  }[scope];
  if (name !== '*') return candidates.filter((one) => one === name);
  return candidates.filter((one) => one !== '' && one !== 'host');
}

/** `the claw`, `the plugin "research"`, … */
export function describeScope(scope: Scope, name: string): string {
  return scope === 'claw' ? 'the claw' : `the ${scope} "${name}"`;
}

export function formatAmount(unit: Unit, amount: number): string {
  return unit === 'tokens' ? `${Math.round(amount).toLocaleString('en-US')} tokens` : `$${formatDollars(amount)}`;
}

/** Cents, and more digits where a cent is too much to tell. */
function formatDollars(amount: number): string {
  return amount === 0 || amount >= 0.1 ? amount.toFixed(2) : amount.toPrecision(2);
}
