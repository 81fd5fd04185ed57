import { StarlarkError } from '../errors.ts';
import { charge, tick } from '../meter.ts';
import { maxElements, maxStringLength } from './limits.ts';

/** Refuses a string of `length` code units before it is made, and charges for `allocated` of them. */
export function reserveString(length: number, allocated: number = length): void {
  if (length > maxStringLength)
    throw new StarlarkError('SIZE', `string of ${length} characters is too long`, [`The limit is ${maxStringLength}.`]);
  if (allocated > 4096) tick(allocated >> 6);
  charge(allocated * 2);
}

export function reserveBytes(length: number): void {
  if (length > maxElements)
    throw new StarlarkError('SIZE', `${length} bytes are too many for one value`, [`The limit is ${maxElements}.`]);
  tick(length >> 6);
  charge(length);
}
