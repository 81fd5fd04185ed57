/**
 * The decimal text of floats as Go prints them: exact digits, ties to even, exponents of at least two digits,
 * and `%g` that turns to an exponent below 1e-4 and from 1e+6 on.
 */

/** What `str(x)` and `%g` give for a float: the shortest digits that read back as `x`, always with `.` or `e`. */
export function formatFloat(x: number): string {
  if (Number.isNaN(x)) return 'nan';
  const magnitude = Math.abs(x);
  if (magnitude >= 1e-4 && magnitude < 1e6) return x === Math.trunc(x) ? `${x}.0` : `${x}`;
  if (magnitude === 0) return Object.is(x, -0) ? '-0.0' : '0.0';
  if (magnitude === Number.POSITIVE_INFINITY) return x > 0 ? '+inf' : '-inf';
  return widenExponent(x.toExponential());
}

/** `%e` with `digits` digits after the point. */
export function formatExponent(x: number, digits: number): string {
  const special = specialText(x);
  if (special !== undefined) return special;
  const text = Math.abs(x).toExponential(digits);
  return signOf(x) + widenExponent(isExponentTie(x, digits, text) ? roundDownToEven(text) : text);
}

/** `%f` with `digits` digits after the point. */
export function formatFixed(x: number, digits: number): string {
  const special = specialText(x);
  if (special !== undefined) return special;
  const magnitude = Math.abs(x);
  if (magnitude >= 1e21) {
    const whole = BigInt(magnitude).toString();
    return signOf(x) + (digits === 0 ? whole : `${whole}.${'0'.repeat(digits)}`);
  }
  const text = magnitude.toFixed(digits);
  // x lies exactly between two texts if and only if x * 2**(digits + 1) is an odd integer and x * 10**digits is not integral.
  const scaled = magnitude * 2 ** (digits + 1);
  const isTie = scaled < 2 ** 53 && scaled === Math.trunc(scaled) && scaled % 2 === 1;
  return signOf(x) + (isTie ? roundDownToEven(text) : text);
}

/** C's `%g` with `precision` significant digits and without trailing zeros. */
export function formatGeneral(x: number, precision: number): string {
  const special = specialText(x);
  if (special !== undefined) return special;
  const significant = Math.max(precision, 1);
  const text = formatExponent(x, significant - 1);
  const exponent = x === 0 ? 0 : Number(text.slice(text.indexOf('e') + 1));
  if (exponent < -4 || exponent >= significant) {
    const at = text.indexOf('e');
    return stripZeros(text.slice(0, at)) + text.slice(at);
  }
  return stripZeros(formatFixed(x, significant - 1 - exponent));
}

function specialText(x: number): string | undefined {
  if (Number.isNaN(x)) return 'nan';
  if (x === Number.POSITIVE_INFINITY) return '+inf';
  if (x === Number.NEGATIVE_INFINITY) return '-inf';
  return undefined;
}

function signOf(x: number): string {
  return x < 0 || Object.is(x, -0) ? '-' : '';
}

function stripZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** JavaScript writes `1e+6`, Go `1e+06`. */
function widenExponent(text: string): string {
  const at = text.indexOf('e');
  return text.length - at === 3 ? `${text.slice(0, at + 2)}0${text.slice(at + 2)}` : text;
}

/** JavaScript rounds a tie away from zero, so of two candidates the even one is `text` or the digit below it. */
function roundDownToEven(text: string): string {
  const at = text.indexOf('e');
  const last = (at < 0 ? text.length : at) - 1;
  const digit = text.charCodeAt(last) - 48;
  return digit % 2 === 0 ? text : text.slice(0, last) + (digit - 1) + text.slice(last + 1);
}

function isExponentTie(x: number, digits: number, text: string): boolean {
  if (digits >= 100 || x === 0) return false;
  const next = Math.abs(x).toExponential(digits + 1);
  if (next.charCodeAt(digits === 0 ? 2 : digits + 2) !== 53) return false;
  const exponent = Number(text.slice(text.indexOf('e') + 1));
  const nextExponent = Number(next.slice(next.indexOf('e') + 1));
  if (exponent !== nextExponent) return false;
  // The value of `next` is n * 10**shift; x is a tie when it is exactly that.
  const n = BigInt(next.slice(0, next.indexOf('e')).replace('.', ''));
  const shift = nextExponent - digits - 1;
  const [mantissa, power] = decompose(Math.abs(x));
  const left = scale(mantissa, 2n, Math.max(power, 0)) * 10n ** BigInt(Math.max(-shift, 0));
  const right = n * 10n ** BigInt(Math.max(shift, 0)) * 2n ** BigInt(Math.max(-power, 0));
  return left === right;
}

function scale(value: bigint, base: bigint, power: number): bigint {
  return value * base ** BigInt(power);
}

/** x = mantissa * 2**power with an integral mantissa. */
function decompose(x: number): [mantissa: bigint, power: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  return exponent === 0 ? [fraction, -1074] : [fraction | 0x10000000000000n, exponent - 1075];
}
