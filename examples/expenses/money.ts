import { ClayError } from '@clay/sdk';

const currencies = new Set(Intl.supportedValuesOf('currency'));
/** Above it, sums of many amounts would leave the integers that a number holds exactly. */
const maxMinor = 1_000_000_000_000;

export function isCurrency(code: string): boolean {
  return currencies.has(code);
}

/** An amount in the smallest unit of its currency: whole numbers add up exactly, which 0.1 + 0.2 does not. */
export function toMinor(amount: number, currency: string): number {
  const digits = digitsOf(currency);
  const minor = Math.round(amount * 10 ** digits);
  if (minor / 10 ** digits !== amount)
    throw new ClayError('BAD_ARGUMENTS', `${currency} has ${digits} decimals; ${amount} has more.`);
  if (minor > maxMinor)
    throw new ClayError('BAD_ARGUMENTS', `${amount} ${currency} is more than anybody spends at once.`);
  return minor;
}

/** `1234.50`, with the decimals of the currency and a point, whatever the language. */
export function formatMinor(minor: number, currency: string): string {
  const digits = digitsOf(currency);
  return (minor / 10 ** digits).toFixed(digits);
}

/** 2 for EUR, 0 for JPY, 3 for KWD. */
function digitsOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}
