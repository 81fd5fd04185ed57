import { wrongArgument } from '../builtins/arguments.ts';
import { routine } from '../builtins/method-table.ts';
import { StarlarkError } from '../errors.ts';
import { Builtin } from '../value/builtin.ts';
import { floatValue, isInt, isNumeric, makeFloat } from '../value/float.ts';
import { StarlarkModule } from '../value/module.ts';
import type { Routine } from '../value/routine.ts';
import { truncateToInt } from '../value/to-int.ts';
import { typeName } from '../value/type-name.ts';
import type { Value } from '../value/value.ts';
import { gamma } from './gamma.ts';

function expectFloat(name: string, position: number, v: Value): number {
  if (!isNumeric(v)) throw wrongArgument(name, position, v, 'float or int');
  return floatValue(v);
}

function unary(name: string, f: (x: number) => number, doc: string): Routine {
  const run = (x: Value): Value => makeFloat(f(expectFloat(name, 1, x)));
  return routine(`${name}(x: float, /) -> float`, 1, 1, run, doc);
}

function binary(name: string, f: (x: number, y: number) => number, doc: string): Routine {
  const run = (x: Value, y: Value): Value => makeFloat(f(expectFloat(name, 1, x), expectFloat(name, 2, y)));
  return routine(`${name}(x: float, y: float, /) -> float`, 2, 2, run, doc);
}

function toInt(name: string, f: (x: number) => number, doc: string): Routine {
  const run = (x: Value): Value => {
    if (isInt(x)) return x;
    if (!isNumeric(x)) throw new StarlarkError('TYPE', `${name}: got ${typeName(x)}, want float or int`);
    return truncateToInt(f(floatValue(x)), name);
  };
  return routine(`${name}(x: float, /) -> int`, 1, 1, run, doc);
}

function log(x: Value, base?: Value): Value {
  const value = expectFloat('log', 1, x);
  if (base === undefined) return makeFloat(Math.log(value));
  const by = expectFloat('log', 2, base);
  if (by === 1) throw new StarlarkError('ZERO_DIVISION', 'division by zero', ['A logarithm has no base 1.']);
  if (by === 10) return makeFloat(Math.log10(value));
  if (by === 2) return makeFloat(Math.log2(value));
  return makeFloat(Math.log(value) / Math.log(by));
}

/** Ties go away from zero. */
function round(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : whole;
}

/** IEEE 754: x - y * n, where n is the integer nearest to x / y and ties go to the even one. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || Number.isNaN(y) || y === 0) return Number.NaN;
  if (!Number.isFinite(y)) return x;
  const size = Math.abs(y);
  let rest = Math.abs(x) % (2 * size);
  if (2 * size === Number.POSITIVE_INFINITY) rest = Math.abs(x);
  if (rest > size / 2) {
    rest -= size;
    if (rest >= size / 2) rest -= size;
  }
  return x < 0 || Object.is(x, -0) ? -rest : rest;
}

function copysign(x: number, sign: number): number {
  const magnitude = Math.abs(x);
  return sign < 0 || Object.is(sign, -0) ? -magnitude : magnitude;
}

/** C and Go give 1 for 1 to any power and for -1 to an infinite one, where JavaScript gives nan. */
function pow(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;
}

const routines: readonly Routine[] = [
  toInt('ceil', Math.ceil, 'The least int that is not less than x.'),
  binary('copysign', copysign, 'x with the sign of y.'),
  unary('fabs', Math.abs, 'The absolute value as a float.'),
  toInt('floor', Math.floor, 'The greatest int that is not more than x.'),
  binary('mod', (x, y) => x % y, 'The remainder of x / y with the sign of x.'),
  binary('pow', pow, 'x to the power of y.'),
  binary('remainder', remainder, 'The IEEE 754 remainder of x / y.'),
  unary('round', round, 'The nearest integral float; halves go away from zero.'),
  unary('exp', Math.exp, 'e to the power of x.'),
  unary('sqrt', Math.sqrt, 'The square root.'),
  unary('acos', Math.acos, 'The arc cosine in radians.'),
  unary('asin', Math.asin, 'The arc sine in radians.'),
  unary('atan', Math.atan, 'The arc tangent in radians.'),
  binary('atan2', Math.atan2, 'The angle of the point (y, x) in radians.'),
  unary('cos', Math.cos, 'The cosine of an angle in radians.'),
  binary('hypot', (x, y) => Math.hypot(x, y), 'The length of the vector (x, y).'),
  unary('sin', Math.sin, 'The sine of an angle in radians.'),
  unary('tan', Math.tan, 'The tangent of an angle in radians.'),
  unary('degrees', (x) => (x * 180) / Math.PI, 'Radians as degrees.'),
  unary('radians', (x) => (x * Math.PI) / 180, 'Degrees as radians.'),
  unary('acosh', Math.acosh, 'The inverse hyperbolic cosine.'),
  unary('asinh', Math.asinh, 'The inverse hyperbolic sine.'),
  unary('atanh', Math.atanh, 'The inverse hyperbolic tangent.'),
  unary('cosh', Math.cosh, 'The hyperbolic cosine.'),
  unary('sinh', Math.sinh, 'The hyperbolic sine.'),
  unary('tanh', Math.tanh, 'The hyperbolic tangent.'),
  routine('log(x: float, base: float = math.e, /) -> float', 1, 2, log, 'The logarithm, by default the natural one.'),
  unary('gamma', gamma, 'The gamma function.'),
];

export const mathModule: StarlarkModule = new StarlarkModule(
  'math',
  new Map<string, Value>([
    ...routines.map((each) => [each.name, new Builtin(each)] as const),
    ['e', Math.E],
    ['pi', Math.PI],
  ]),
);
