import type { Attack } from './attack.ts';
import { doorAttacks } from './attacks/door.ts';
import { machineAttacks } from './attacks/machine.ts';
import { networkAttacks } from './attacks/network.ts';
import { persistenceAttacks } from './attacks/persistence.ts';
import { rightsAttacks } from './attacks/rights.ts';
import { stateAttacks } from './attacks/state.ts';

/** All that is tried, in the order of the documents. */
export const attacks: readonly Attack[] = [
  ...stateAttacks,
  ...doorAttacks,
  ...rightsAttacks,
  ...networkAttacks,
  ...machineAttacks,
  ...persistenceAttacks,
];
