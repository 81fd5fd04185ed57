import { hostFunctions, parsePermission, permissions } from '@clay/sdk';
import { plainPath } from './claw-path.ts';

/** The lists that `allow` takes, and what each of their entries is as a permission. */
export const allowLists: Readonly<Record<string, (entry: string) => string>> = {
  http: (host) => `http:${host}`,
  read: (path) => `fs.read:${plainPath(path)}`,
  write: (path) => `fs.write:${plainPath(path)}`,
  secrets: (secret) => `secret:${secret}`,
  tools: (name) => `call:tool:${name}`,
  permissions: (permission) => permission,
};

/** The lists of `allow` that permissions with an argument are written in. */
const listsOf: Readonly<Record<string, string>> = {
  http: 'http = ["api.example.org"]',
  secret: 'secrets = ["NAME@api.example.org"]',
  'fs.read': 'read = ["public"]',
  'fs.write': 'write = ["files/NAME"]',
  call: 'tools = ["web_search"]',
};

/** What no script can use: it runs in no process of its own. */
const beyondScripts: ReadonlySet<string> = new Set(['shell', 'spawn', 'listen']);

/** What is wrong with an entry of `allow`, and what to write instead; null when nothing is. */
export function allowProblem(list: string, entry: string): string | null {
  const problem = entryProblem(list, entry);
  return problem === null ? null : `${list}: ${JSON.stringify(entry)} ${problem}`;
}

function entryProblem(list: string, entry: string): string | null {
  switch (list) {
    case 'http':
      return hostProblem(entry);
    case 'secrets':
      return secretProblem(entry);
    case 'read':
    case 'write':
      return pathProblem(entry);
    case 'tools':
      if (entry.includes('*')) return 'is no name of a tool: name each, without *';
      return isPermission(`call:tool:${entry}`) ? null : 'is no name of a tool: write it as web_search';
    default:
      return permissionProblem(entry);
  }
}

function isPermission(text: string): boolean {
  return typeof parsePermission(text) !== 'string';
}

function hostProblem(entry: string): string | null {
  if (isPermission(`http:${entry}`)) return null;
  const host = URL.parse(entry.includes('://') ? entry : `https://${entry}`)?.hostname ?? '';
  const suggested = isPermission(`http:${host}`) ? host : 'api.example.org';
  return `is no host, which has no scheme, port and path: write allow(http = ["${suggested}"]), ["*.example.org"] for all below it, or ["*"]`;
}

function secretProblem(entry: string): string | null {
  if (isPermission(`secret:${entry}`)) return null;
  const [name = '', place = ''] = entry.split(/@(.*)/s);
  const host = URL.parse(place.includes('://') ? place : `https://${place}`)?.hostname ?? '';
  const suggested = `${/^[A-Za-z_]\w*$/.test(name) ? name : 'TOKEN'}@${host === '' ? 'api.example.org' : host}`;
  return `does not say which secret goes to which host: write allow(secrets = ["${isPermission(`secret:${suggested}`) ? suggested : 'TOKEN@api.example.org'}"])`;
}

function pathProblem(entry: string): string | null {
  if (isPermission(`fs.read:${plainPath(entry)}`)) return null;
  const shape = 'write a folder or file from the root of the claw, such as allow(read = ["public", "files/shared"])';
  if (entry.startsWith('/')) return `begins with "/": ${shape}`;
  if (entry.includes('\\')) return `has a backslash: ${shape}`;
  if (/(^|\/)\.\.?(\/|$)/.test(entry)) return `has "." or ".." in it: ${shape}`;
  if (entry === '') return `is empty: ${shape}`;
  return `holds the claw's own state or secrets, which no file may touch: ${shape}`;
}

function permissionProblem(entry: string): string | null {
  const [name = ''] = entry.split(':');
  if (beyondScripts.has(name)) return 'is nothing that a script can use: a plugin of TypeScript can';
  if (isPermission(entry))
    return entry.startsWith('call:') && entry.includes('*') ? 'has a *: name each capability' : null;
  const list = listsOf[name];
  if (list !== undefined) return `belongs into a list of its own: write allow(${list})`;
  const near = suggestions(name);
  if (near.length > 0) return `does not exist: write allow(permissions = ["${near[0]}"])${others(near.slice(1))}`;
  return `does not exist; there are ${plainPermissions().join(', ')}`;
}

/** Those that need no argument, which are the ones to write into `permissions`. */
function plainPermissions(): string[] {
  return Object.entries(permissions)
    .filter(([name, { argument }]) => argument === 'none' && !beyondScripts.has(name))
    .map(([name]) => name);
}

/** What may be meant by `chat`, `memory.search` or `tasks.write:x`. */
function suggestions(name: string): string[] {
  const exact = Object.hasOwn(hostFunctions, name) ? hostFunctions[name as keyof typeof hostFunctions] : null;
  if (exact !== null) return [exact];
  const [subject = ''] = name.toLowerCase().split(/[._]/);
  const known = plainPermissions();
  if (known.includes(name)) return [name];
  const among = known.filter((each) => each.split('.')[0] === subject);
  return among.toSorted((a, b) => Number(b.endsWith('.send')) - Number(a.endsWith('.send')));
}

function others(names: readonly string[]): string {
  return names.length === 0 ? '' : `, or "${names.join('", "')}"`;
}
