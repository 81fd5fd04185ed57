import { ClayError, type Manifest } from '@clay/sdk';
import type { Generation } from '../generations/generation.ts';
import type { PluginSource } from './plugin-source.ts';
import type { PluginFailure, PluginPhase, PluginStatus } from './plugin-status.ts';

/** What the kernel knows of one plugin. */
export class PluginEntry {
  readonly source: PluginSource;
  manifest: Manifest | null = null;
  permissions: readonly string[] = [];
  generation: Generation | null = null;
  failure: PluginFailure | null = null;

  constructor(source: PluginSource) {
    this.source = source;
  }

  /** Records why it does not run. The first reason stands: what follows is its consequence. */
  fail(phase: PluginPhase, thrown: unknown): PluginFailure {
    this.failure ??= toPluginFailure(phase, thrown);
    return this.failure;
  }

  status(capabilities: readonly string[]): PluginStatus {
    const { source, manifest, generation } = this;
    return {
      name: source.name,
      version: manifest?.version ?? '',
      description: manifest?.description ?? '',
      origin: source.origin,
      generation: generation?.generation ?? 0,
      state: generation?.state ?? (this.failure === null ? 'built' : 'rejected'),
      capabilities,
      requires: manifest?.requires ?? [],
      permissions: this.permissions,
      protected: manifest?.protected ?? false,
      holds: generation?.scope.list() ?? [],
      failure: this.failure,
    };
  }
}

const phases: readonly string[] = [
  'manifest',
  'requires',
  'config',
  'load',
  'setup',
  'migrate',
  'register',
  'probe',
  'live',
  'run',
] satisfies PluginPhase[];

function toPluginFailure(phase: PluginPhase, thrown: unknown): PluginFailure {
  if (!(thrown instanceof ClayError)) {
    return {
      phase,
      code: 'INTERNAL',
      message: thrown instanceof Error ? thrown.message : String(thrown),
      location: null,
    };
  }
  const { phase: told, data } = thrown.details;
  const location = typeof data === 'object' && data !== null && 'location' in data ? data.location : null;
  return {
    phase: told !== undefined && phases.includes(told) ? (told as PluginPhase) : phase,
    code: thrown.code,
    message: thrown.message,
    location: typeof location === 'string' ? location : null,
  };
}
