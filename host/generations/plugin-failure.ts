import { ClayError, type ErrorCode } from '@clay/sdk';

/** Why a plugin does not run. */
export interface PluginFailure {
  readonly phase: PluginPhase;
  readonly code: ErrorCode;
  readonly message: string;
  /** `file:line:column` of the plugin's own frame, where the error has one. */
  readonly location: string | null;
}

const phases = [
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
] as const;

/** How far a plugin had come. */
export type PluginPhase = (typeof phases)[number];

/** What was thrown, as it is told; the phase that the error names is the nearer one. */
export function toPluginFailure(phase: PluginPhase, thrown: unknown): PluginFailure {
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
    phase: isPhase(told) ? told : phase,
    code: thrown.code,
    message: thrown.message,
    location: typeof location === 'string' ? location : null,
  };
}

function isPhase(text: string | undefined): text is PluginPhase {
  return (phases as readonly (string | undefined)[]).includes(text);
}
