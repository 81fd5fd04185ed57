import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

/** What reaches other processes and stays open under Node's permission model: signals, and priorities. */
const powers: readonly (readonly [holder: object, names: readonly string[]])[] = [
  [process, ['kill', '_kill', '_debugProcess', '_debugEnd', 'binding', '_linkedBinding']],
  [os, ['setPriority']],
];

/** Whether this process may start others, and so has some of its own to end. */
export function mayStartPrograms(): boolean {
  return process.permission?.has('child') ?? true;
}

/**
 * Takes from a process that starts no programs what it could only do to those of others: as the same user, it could end
 * the host. Before any code of a plugin is loaded, which could keep a function that it has seen.
 */
export function shedPowers(): void {
  if (mayStartPrograms()) return;
  for (const [holder, names] of powers) for (const name of names) Reflect.deleteProperty(holder, name);
  syncBuiltinESMExports();
}
