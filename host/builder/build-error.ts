import { ClayError, type JsonObject } from '@clay/sdk';
import { countDiagnostics, type Diagnostic, formatDiagnostics } from './diagnostic.ts';

/** `read`: the sources; `build`: manifest and bundle; `check`: the types. */
export type BuildPhase = 'read' | 'build' | 'check';

/** The author's mistakes: a summary as message, the whole text as output, the same as fields in `data.diagnostics`. */
export function authorError(plugin: string, phase: BuildPhase, diagnostics: readonly Diagnostic[]): ClayError {
  const verb = { read: 'cannot be read', build: 'does not build', check: 'has type errors' }[phase];
  return new ClayError('BAD_ARGUMENTS', `Plugin "${plugin}" ${verb}: ${countDiagnostics(diagnostics)}.`, {
    phase,
    output: formatDiagnostics(diagnostics),
    data: { diagnostics: diagnostics.map((diagnostic) => ({ ...diagnostic })) },
  });
}

/** The diagnostics of an error that this builder or a distant one threw; none when it is another error. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] {
  const list = dataOf(error).diagnostics;
  return Array.isArray(list) ? (list as unknown as Diagnostic[]) : [];
}

/** What an author did wrong, whole. */
export function textOf(error: ClayError): string {
  return error.details.output ?? error.message;
}

/** The further fields of an error. */
export function dataOf(error: unknown): JsonObject {
  const data = error instanceof ClayError ? error.details.data : undefined;
  return data !== null && typeof data === 'object' && !Array.isArray(data) ? (data as JsonObject) : {};
}

export function tooLarge(limit: string, message: string): ClayError {
  return new ClayError('TOO_LARGE', message, { phase: 'read', data: { limit } });
}

export function tooSlow(phase: BuildPhase, limit: string, message: string): ClayError {
  return new ClayError('TIMEOUT', message, { phase, data: { limit } });
}

export function cancelled(plugin: string, phase: BuildPhase): ClayError {
  return new ClayError('CANCELLED', `The ${phase} of plugin "${plugin}" was cancelled.`, { phase });
}

export function superseded(plugin: string): ClayError {
  return new ClayError(
    'CONFLICT',
    `This build of plugin "${plugin}" was superseded: newer sources came in while it waited.`,
    {
      data: { state: 'superseded' },
    },
  );
}

/** Whether a newer build of the same plugin took this one's place. */
export function isSuperseded(error: unknown): boolean {
  return dataOf(error).state === 'superseded';
}
