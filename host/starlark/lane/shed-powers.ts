import os from 'node:os';
import v8 from 'node:v8';

/** What Node's permission model leaves open and what reaches beyond this process, or changes the rules it runs by. */
const powers: readonly (readonly [holder: object, names: readonly string[]])[] = [
  [process, ['kill', '_kill', '_debugProcess', '_debugEnd', 'execve', 'setuid', 'seteuid', 'setgid', 'setegid']],
  [process, ['setgroups', 'initgroups', 'umask', 'chdir', 'dlopen', 'binding', '_linkedBinding']],
  [os, ['setPriority']],
  [v8, ['setFlagsFromString', 'setHeapSnapshotNearHeapLimit', 'startupSnapshot']],
];

/**
 * Takes from this process what nothing in it needs any more: its own files, now that they are loaded, and signals to
 * other processes. A second wall, behind a language that has no name for any of it. Modules that imported a function
 * keep it: the meter of scripts asks V8 for its garbage collector.
 */
export function shedPowers(): void {
  for (const [holder, names] of powers) for (const name of names) Reflect.deleteProperty(holder, name);
  process.permission?.drop('fs.read');
}
