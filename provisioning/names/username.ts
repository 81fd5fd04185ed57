import { ProvisioningError, quote } from '../errors.ts';
import { reservedNames } from './reserved.ts';

const pattern = /^[a-z0-9]{3,20}$/;

/** The name of a claw, in the one spelling that Docker, DNS, file names and nginx all take literally. */
export function parseUsername(text: string | undefined): string {
  if (text === undefined) throw new ProvisioningError('BAD_NAME', 'The USERNAME of the claw is missing.');
  if (!pattern.test(text))
    throw new ProvisioningError(
      'BAD_NAME',
      `${quote(text)} cannot name a claw; use 3 to 20 of the characters a–z and 0–9.`,
    );
  return text;
}

/** As {@link parseUsername}, for a claw that is yet to be made. */
export function parseNewUsername(text: string | undefined): string {
  const name = parseUsername(text);
  if (reservedNames.includes(name))
    throw new ProvisioningError('BAD_NAME', `The name ${quote(name)} is reserved for the platform; choose another.`);
  return name;
}

/** What Docker calls the parts of a claw. */
export interface ClawNames {
  readonly container: string;
  /** The successor while it is in standby. */
  readonly next: string;
  /** The predecessor while its successor is on trial. */
  readonly former: string;
  readonly network: string;
  readonly volumes: readonly ClawVolume[];
}

export interface ClawVolume {
  readonly role: VolumeRole;
  readonly name: string;
  /** In the container. */
  readonly path: string;
}

/** What a claw keeps, each in a volume of its own. */
export const volumeRoles = ['data', 'soul', 'public'] as const;
export type VolumeRole = (typeof volumeRoles)[number];

export function namesOf(username: string): ClawNames {
  const container = `claw-${username}`;
  return {
    container,
    next: `${container}-next`,
    former: `${container}-former`,
    network: container,
    volumes: volumeRoles.map((role) => ({ role, name: `claw-${role}-${username}`, path: `/app/${role}` })),
  };
}

/** The label that says whose something is; it outlives every name. */
export const tenantLabel = 'clay.tenant';
export const nameLabel = 'clay.claw';
