import type { JsonObject } from '@clay/sdk';

/**
 * How far a claw lets its agent start programs: by `CLAY_SHELL`, and as whom by `CLAY_SHELL_USER`. With `approvals` it may as
 * in `plain`, and what the operator has marked waits for a yes.
 */
export const postures = ['off', 'ask', 'plain', 'hardened', 'approvals'] as const;

export type Posture = (typeof postures)[number];

/** Of nobody on the machine. */
const secondUser = 61_236;

/** What an operator sets for each. */
export const environments: Readonly<Record<Posture, Readonly<Record<string, string>>>> = {
  off: { CLAY_SHELL: 'off' },
  ask: { CLAY_SHELL: 'ask' },
  plain: { CLAY_SHELL: 'on' },
  approvals: { CLAY_SHELL: 'on' },
  hardened: { CLAY_SHELL: 'on', CLAY_SHELL_USER: String(secondUser) },
};

/** What stands in its `clay.json`. */
export function settingsOf(posture: Posture): JsonObject {
  return posture === 'approvals' ? { approvals: ['shell', 'deploy', 'post'] } : {};
}

/** Why a posture cannot be tried here, if so. */
export function missingFor(posture: Posture): string | false {
  return posture === 'hardened' && process.getuid?.() !== 0 ? 'skipped: not root' : false;
}
