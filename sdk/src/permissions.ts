/** What a permission's argument names. */
export type PermissionArgument = 'none' | 'host' | 'secret' | 'path' | 'capability' | 'port' | 'command';

interface PermissionKind {
  readonly argument: PermissionArgument;
  readonly meaning: string;
}

/**
 * Every permission that a manifest can ask for, written `name` or `name:argument`. The one table: what is not here does
 * not exist. A plugin's own store, its log and the capabilities in its `requires` and `optional` need none.
 */
export const permissions = {
  http: {
    argument: 'host',
    meaning: 'Send HTTP requests to public hosts: `http:*`, `http:*.example.com`, `http:api.example.com`.',
  },
  secret: {
    argument: 'secret',
    meaning: 'Put a secret into headers to one host: `secret:GITHUB_TOKEN@api.github.com`.',
  },
  'fs.read': {
    argument: 'path',
    meaning: 'Read below a folder of the claw: `fs.read:public`, `fs.read:files/<plugin>`.',
  },
  'fs.write': { argument: 'path', meaning: 'Write below a folder of the claw.' },
  shell: { argument: 'none', meaning: 'Run shell commands, as far as `CLAY_SHELL` allows them.' },
  spawn: { argument: 'command', meaning: 'Start one program: `spawn:git`.' },
  listen: { argument: 'port', meaning: 'Accept connections on a loopback port: `listen:4242`.' },
  'memory.read': { argument: 'none', meaning: 'Search and recall memories.' },
  'memory.write': { argument: 'none', meaning: 'Store, change and forget memories.' },
  'soul.read': { argument: 'none', meaning: 'Read the soul files.' },
  'soul.write': { argument: 'none', meaning: 'Change the soul files.' },
  'tasks.read': { argument: 'none', meaning: 'List tasks.' },
  'tasks.write': { argument: 'none', meaning: 'Add and change tasks.' },
  'chat.send': { argument: 'none', meaning: 'Send messages to people.' },
  'chat.read': { argument: 'none', meaning: 'Read conversations.' },
  llm: { argument: 'none', meaning: 'Ask the model, within the budget.' },
  call: { argument: 'capability', meaning: 'Use a capability: `call:tool:memory`, `call:service:memory.*`.' },
} as const satisfies Record<string, PermissionKind>;

/** One of {@link permissions}. */
export type PermissionName = keyof typeof permissions;

/** A permission, read. */
export interface Permission {
  readonly name: PermissionName;
  /** Empty when the permission takes none. */
  readonly argument: string;
}

/** Which permission each host function needs; null: every plugin may, within its own namespace. */
export const hostFunctions = {
  'store.get': null,
  'store.set': null,
  'store.delete': null,
  'store.list': null,
  'store.sql': null,
  'store.transaction': null,
  'secrets.has': null,
  /** Governed by the manifest's `requires` and `optional`. */
  call: null,
  'http.fetch': 'http',
  'fs.read': 'fs.read',
  'fs.list': 'fs.read',
  'fs.write': 'fs.write',
  'fs.remove': 'fs.write',
  'shell.run': 'shell',
  'memory.search': 'memory.read',
  'memory.recall': 'memory.read',
  'memory.store': 'memory.write',
  'memory.forget': 'memory.write',
  'soul.read': 'soul.read',
  'soul.write': 'soul.write',
  'tasks.list': 'tasks.read',
  'tasks.change': 'tasks.write',
  'chat.send': 'chat.send',
  'chat.ask': 'chat.send',
  'chat.history': 'chat.read',
  'llm.ask': 'llm',
  'llm.endpoint': 'llm',
  'llm.endpoint.end': 'llm',
} as const satisfies Record<string, PermissionName | null>;

/** One of {@link hostFunctions}. */
export type HostFunction = keyof typeof hostFunctions;

const argumentPatterns: Record<PermissionArgument, RegExp> = {
  none: /^$/,
  host: /^(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])$/,
  secret: /^[A-Za-z_][A-Za-z0-9_]*@[a-z0-9-]+(\.[a-z0-9-]+)*$/,
  path: /^(?!.*(^|\/)\.\.?(\/|$))[^/\0\\][^\0\\]*$/,
  capability: /^[a-z]+:[^\s]+$/,
  port: /^[1-9]\d{0,4}$/,
  command: /^[\w.+-]+$/,
};

/** Paths that no grant can name, whatever the ceiling: DESIGN, Rights. */
const unnameable =
  /(^|\/)(\.env[^/]*|clay\.json|token|identity\.pem|[^/]*\.(db|db-wal|db-shm|sqlite))$|^(data\/?|\.)$/i;

/**
 * Reads a permission as a manifest writes it; a sentence that says what is wrong when it is none.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parsePermission } from '@clay/sdk';
 *
 * assert.deepEqual(parsePermission('http:*.example.com'), { name: 'http', argument: '*.example.com' });
 * assert.match(String(parsePermission('root')), /The permission "root" does not exist; known are http, secret/);
 * ```
 */
export function parsePermission(text: string): Permission | string {
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const argument = colon < 0 ? '' : text.slice(colon + 1);
  if (!Object.hasOwn(permissions, name)) {
    return `The permission ${JSON.stringify(text)} does not exist; known are ${Object.keys(permissions).join(', ')}.`;
  }
  const known = permissions[name as PermissionName];
  if (known.argument === 'none' && argument !== '')
    return `The permission "${name}" takes no argument, not ${JSON.stringify(argument)}.`;
  if (known.argument !== 'none' && !argumentPatterns[known.argument].test(argument)) {
    return `The permission ${JSON.stringify(text)} needs a ${known.argument}: ${known.meaning}`;
  }
  if (known.argument === 'path' && unnameable.test(argument))
    return `The permission ${JSON.stringify(text)} names a path that is never granted.`;
  return { name: name as PermissionName, argument };
}

/** Whether a granted permission allows a wanted one: the same, or a wider host, path or capability. */
export function covers(granted: Permission, wanted: Permission): boolean {
  if (granted.name !== wanted.name) return false;
  switch (permissions[granted.name].argument) {
    case 'host':
      return coversHost(granted.argument, wanted.argument);
    case 'path':
      return (
        wanted.argument === granted.argument || wanted.argument.startsWith(`${granted.argument.replace(/\/$/, '')}/`)
      );
    case 'capability':
      return granted.argument.endsWith('*')
        ? wanted.argument.startsWith(granted.argument.slice(0, -1))
        : wanted.argument === granted.argument;
    case 'none':
    case 'secret':
    case 'port':
    case 'command':
      return wanted.argument === granted.argument;
  }
}

/** `*` is every host; `*.example.com` every host below it, not itself. */
export function coversHost(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}
