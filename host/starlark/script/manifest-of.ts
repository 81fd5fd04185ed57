import type { Manifest } from '@clay/sdk';
import type { ScriptOutline } from './report.ts';
import type { Script } from './script.ts';
import { defaultPermissions } from './script-permissions.ts';

/** The manifest of a script, for the host: it is a plugin like any other. */
export function manifestOf(script: Pick<Script, 'name'>, outline: ScriptOutline): Manifest {
  const permissions = outline.permissions ?? defaultPermissions(script.name);
  return {
    name: script.name,
    version: '0.0.0',
    description: outline.description,
    engine: '1',
    requires: [],
    // What a script calls may be absent: it hears of that when it calls.
    optional: outline.calls,
    permissions,
    tables: [],
    leases: [],
    config: null,
    settings: [],
    probes: [],
    limits: { memoryMb: 64, startMs: 10_000, drainMs: 30_000 },
    placement: 'process',
    idle: 'stay',
    protected: false,
    services: [],
  };
}
