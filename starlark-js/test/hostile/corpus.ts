import { attributes, breakouts } from './corpus/breakouts.ts';
import type { HostileCase } from './corpus/case.ts';
import { endless } from './corpus/endless.ts';
import { growing } from './corpus/growing.ts';
import { names } from './corpus/names.ts';
import { nested } from './corpus/nested.ts';

export const HOSTILE: readonly HostileCase[] = [
  ...endless,
  ...growing,
  ...nested,
  ...names,
  ...breakouts,
  ...attributes,
];
