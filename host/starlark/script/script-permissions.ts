import { covers, hostFunctions, parsePermission } from '@clay/sdk';

/** What a file may do that says nothing about it. */
export function defaultPermissions(name: string): readonly string[] {
  return ['http:*', 'fs.read:public', `fs.read:files/${name}`, `fs.write:files/${name}`];
}

/** Whether one of the permissions, as the SDK writes them, covers the wanted one. */
export function isCovered(wanted: string, permissions: readonly string[]): boolean {
  const read = parsePermission(wanted);
  if (typeof read === 'string') return false;
  return permissions.some((text) => {
    const granted = parsePermission(text);
    return typeof granted !== 'string' && covers(granted, read);
  });
}

/** The permission that calling a capability needs. */
export function permissionFor(capability: string): string {
  const [kind, name = ''] = capability.split(/:(.*)/s);
  if (kind !== 'service' || !Object.hasOwn(hostFunctions, name)) return `call:${capability}`;
  return hostFunctions[name as keyof typeof hostFunctions] ?? `call:${capability}`;
}

/** The capabilities that a permission opens. */
export function capabilitiesOf(permission: string): readonly string[] {
  const read = parsePermission(permission);
  if (typeof read === 'string') return [];
  if (read.name === 'call') return [read.argument];
  const names = Object.entries(hostFunctions).filter(([, needed]) => needed === permission);
  return names.map(([name]) => `service:${name}`);
}

/** The line to write so that the file declares a permission. */
export function allowLine(permission: string): string {
  const [name = '', argument = ''] = permission.split(/:(.*)/s);
  const list = (key: string, text: string) => `allow(${key} = [${JSON.stringify(text)}])`;
  if (name === 'http') return list('http', argument);
  if (name === 'fs.read') return list('read', argument);
  if (name === 'fs.write') return list('write', argument);
  if (name === 'secret') return list('secrets', argument);
  if (name === 'call' && argument.startsWith('tool:')) return list('tools', argument.slice('tool:'.length));
  return list('permissions', permission);
}
