import { covers, hostFunctions, type Permission, type PermissionName, parsePermission } from '@clay/sdk';

/** A manifest's permissions that parse; the manifest was checked, the ceiling is the operator's. */
function parseAll(texts: readonly string[]): readonly Permission[] {
  return texts.map(parsePermission).filter((one) => typeof one !== 'string');
}

function print({ name, argument }: Permission): string {
  return argument === '' ? name : `${name}:${argument}`;
}

/**
 * What a plugin may do: declared ∩ ceiling. A declared permission that the ceiling covers stands as it is; one that is
 * wider than the ceiling shrinks to what the ceiling allows.
 */
export function effectivePermissions(declared: readonly string[], ceiling: readonly string[]): readonly string[] {
  const limits = parseAll(ceiling);
  const effective = parseAll(declared).flatMap((wanted) =>
    limits.some((limit) => covers(limit, wanted)) ? [wanted] : limits.filter((limit) => covers(wanted, limit)),
  );
  return [...new Set(effective.map(print))].sort();
}

/** Declared, but above the ceiling: what a person would have to say yes to. */
export function withheldPermissions(declared: readonly string[], ceiling: readonly string[]): readonly string[] {
  const limits = parseAll(ceiling);
  return parseAll(declared)
    .filter((wanted) => !limits.some((limit) => covers(limit, wanted)))
    .map(print)
    .sort();
}

/** Whether the permissions held allow what is wanted. */
export function allows(held: readonly string[], wanted: Permission): boolean {
  return parseAll(held).some((granted) => covers(granted, wanted));
}

/** What somebody needs to call a capability: its own permission where there is one, as for `service:memory.search`. */
export function permissionToCall(capability: string): Permission {
  const service = capability.startsWith('service:') ? capability.slice('service:'.length) : '';
  const named: Readonly<Record<string, PermissionName | null>> = hostFunctions;
  const own = Object.hasOwn(named, service) ? named[service] : undefined;
  return own === undefined || own === null ? { name: 'call', argument: capability } : { name: own, argument: '' };
}

/** The same, as a manifest writes it. */
export function textToCall(capability: string): string {
  return print(permissionToCall(capability));
}

/** The names of the secrets that the permissions held allow to use at all. */
export function secretNames(held: readonly string[]): readonly string[] {
  const names = parseAll(held)
    .filter(({ name }) => name === 'secret')
    .map(({ argument }) => argument.split('@')[0]!);
  return [...new Set(names)];
}

/** Whether a secret may go to a host. */
export function allowsSecret(held: readonly string[], secret: string, host: string): boolean {
  return allows(held, { name: 'secret', argument: `${secret}@${host}` });
}
