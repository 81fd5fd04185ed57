import { getAttribute, setAttribute } from '../../builtins/attribute.ts';
import { charge, counters, refill } from '../../meter.ts';
import { add, div, floorDiv, mod, mul, negate, plus, sub } from '../../value/arithmetic.ts';
import { augmentedAdd, augmentedAnd, augmentedOr, augmentedSub, augmentedXor } from '../../value/augment.ts';
import { bitAnd, bitOr, bitXor, invert, shiftLeft, shiftRight } from '../../value/bitwise.ts';
import { equals, greaterEqual, greaterThan, lessEqual, lessThan } from '../../value/compare.ts';
import { concatenateStrings } from '../../value/concatenate.ts';
import { StarlarkDict } from '../../value/dict.ts';
import { makeFloat } from '../../value/float.ts';
import { setIndex } from '../../value/indexing.ts';
import { StarlarkList } from '../../value/list.ts';
import { str } from '../../value/repr.ts';
import { StarlarkSet } from '../../value/set.ts';
import { slice } from '../../value/slice.ts';
import { emptyTuple, StarlarkTuple } from '../../value/tuple.ts';
import { truth, typeName } from '../../value/type-name.ts';
import { StarlarkFunction, tooDeep } from '../function.ts';
import { resume, Suspension } from '../suspension.ts';
import * as access from './access.ts';
import * as calling from './calling.ts';
import * as checks from './checks.ts';
import * as iteration from './iteration.ts';
import { loadNames } from './loading.ts';
import * as numbers from './numbers.ts';
import * as starting from './starting.ts';
import * as text from './text.ts';

/** Everything that generated code can reach, by the name it has there. It has no prototype to reach anything else by. */
export const runtime: Readonly<Record<string, unknown>> = Object.freeze({
  __proto__: null,
  ...access,
  ...calling,
  ...checks,
  ...iteration,
  ...numbers,
  ...starting,
  ...text,
  Dict: StarlarkDict,
  Function: StarlarkFunction,
  List: StarlarkList,
  M: counters,
  SetClass: StarlarkSet,
  Suspension,
  Tuple: StarlarkTuple,
  add,
  attribute: getAttribute,
  augmentedAdd,
  augmentedAnd,
  augmentedOr,
  augmentedSub,
  augmentedXor,
  bitAnd,
  bitOr,
  bitXor,
  charge,
  concat: concatenateStrings,
  divide: div,
  emptyTuple,
  floor: Math.floor,
  floorDivide: floorDiv,
  invert,
  isEqual: equals,
  isGreater: greaterThan,
  isGreaterOrEqual: greaterEqual,
  isLess: lessThan,
  isLessOrEqual: lessEqual,
  isUnequal: (a: never, b: never): boolean => !equals(a, b),
  loadNames,
  makeFloat,
  modulo: mod,
  multiply: mul,
  negate,
  plus,
  refill: (): void => refill(0),
  resume,
  setAttribute,
  setIndex,
  shiftLeft,
  shiftRight,
  slice,
  str,
  subtract: sub,
  tooDeep: (): never => {
    throw tooDeep();
  },
  trunc: Math.trunc,
  truth,
  typeName,
});
