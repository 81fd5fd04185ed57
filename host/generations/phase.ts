import { ClayError } from '@clay/sdk';
import type { PluginPhase } from './plugin-failure.ts';

/** Runs a step of a start; what it throws tells the phase. */
export async function inPhase<T>(phase: PluginPhase, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw withPhase(phase, thrown);
  }
}

/** The error with its phase; one that has a phase already keeps it. */
export function withPhase(phase: PluginPhase, thrown: unknown): ClayError {
  if (!(thrown instanceof ClayError)) return new ClayError('INTERNAL', messageOf(thrown), { phase, cause: thrown });
  if (thrown.details.phase !== undefined) return thrown;
  return new ClayError(thrown.code, thrown.message, { ...thrown.details, phase, cause: thrown });
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
