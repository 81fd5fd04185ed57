import { isBuiltin } from 'node:module';
import { type PermissionName, parsePermission } from '@clay/sdk';

/** Why something may not be imported, and what to write instead. */
export interface ImportRefusal {
  readonly text: string;
  readonly advice: string;
}

/** Modules that only compute, or that act on the plugin's own process. */
const free = new Set(
  `assert assert/strict async_hooks buffer console constants crypto diagnostics_channel events os path path/posix
  path/win32 perf_hooks process punycode querystring readline readline/promises stream stream/consumers
  stream/promises stream/web string_decoder timers timers/promises url util util/types zlib`.split(/\s+/),
);

interface Need {
  /** One of them is enough. */
  readonly any: readonly PermissionName[];
  readonly advice: string;
}

const files: Need = {
  any: ['fs.read', 'fs.write'],
  advice: 'Add "fs.read:FOLDER" or "fs.write:FOLDER" to "permissions" in plugin.json.',
};
const programs: Need = { any: ['shell'], advice: 'Add "shell" to "permissions" in plugin.json.' };
const needs: ReadonlyMap<string, Need> = new Map([
  ['fs', files],
  ['fs/promises', files],
  ['child_process', programs],
]);

const network = 'Send requests with ctx.http and the permission "http:HOST".';
/** Never, and what to use instead. */
const elsewhere: ReadonlyMap<string, string> = new Map([
  ...['dgram', 'dns', 'dns/promises', 'http', 'http2', 'https', 'net', 'tls'].map((name) => [name, network] as const),
  ['sqlite', 'Keep data with ctx.store.'],
  ['worker_threads', 'A plugin is one process; do long work in steps that await.'],
  ['cluster', 'A plugin is one process.'],
  ['test', 'Tests stand in files named *.test.ts, which no other module imports.'],
  ['module', 'Import what you need by a static import.'],
  ['vm', 'Write the code itself; a plugin makes none from text.'],
]);

/**
 * Whether a plugin with these permissions may import a module of Node. This tells the author early; the wall is the
 * permission model that the plugin's process runs under.
 */
export function judgeBuiltin(specifier: string, permissions: readonly string[]): ImportRefusal | null {
  const name = specifier.replace(/^node:/, '');
  if (free.has(name)) return null;
  const need = needs.get(name);
  if (need === undefined)
    return { text: `No plugin may import "node:${name}".`, advice: elsewhere.get(name) ?? 'Use what ctx offers.' };
  const held = permissions.map(parsePermission).flatMap((one) => (typeof one === 'string' ? [] : [one.name]));
  if (need.any.some((permission) => held.includes(permission))) return null;
  return {
    text: `"node:${name}" needs the permission ${need.any.map((one) => `"${one}"`).join(' or ')}.`,
    advice: need.advice,
  };
}

/** `fs` as well as `node:fs`. */
export function isNodeModule(specifier: string): boolean {
  return specifier.startsWith('node:') || isBuiltin(specifier);
}
