import type { Attack } from './attack.ts';
import { approvalAttacks } from './attacks/approval.ts';
import { doorAttacks } from './attacks/door.ts';
import { machineAttacks } from './attacks/machine.ts';
import { networkAttacks } from './attacks/network.ts';
import { persistenceAttacks } from './attacks/persistence.ts';
import { rightsAttacks } from './attacks/rights.ts';
import { stateAttacks } from './attacks/state.ts';

/** What the choice of a posture decides, in the order of the documents. */
export const postureAttacks: readonly Attack[] = [
  ...stateAttacks,
  ...doorAttacks,
  ...rightsAttacks,
  ...networkAttacks,
  ...machineAttacks,
  ...persistenceAttacks,
];

export { approvalAttacks };

export const attacks: readonly Attack[] = [...postureAttacks, ...approvalAttacks];
