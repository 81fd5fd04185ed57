import { type GenerationState, takesCalls } from '../../generations/state.ts';
import type { GenerationStatus } from '../../medic/generations/medic.ts';
import type { ScriptOutline } from '../script/report.ts';
import type { ExtensionStatus } from './extensions.ts';

/** What of a name's generations serves. */
export function servingOf(generations: readonly GenerationStatus[]): GenerationStatus | undefined {
  return generations.find(({ isCurrent, state }) => isCurrent && takesCalls(state));
}

/** How a name stands, for its author. */
export function statusOf(
  name: string,
  outline: ScriptOutline | null,
  problem: string | null,
  generations: readonly GenerationStatus[],
): ExtensionStatus {
  const serving = servingOf(generations);
  const [newest] = generations;
  return {
    name,
    description: outline?.description ?? '',
    tools: outline?.tools.map((tool) => tool.name) ?? [],
    hasRun: outline?.hasRun ?? false,
    state: serving?.state ?? newest?.state ?? 'refused',
    generation: serving?.generation ?? null,
    lastError: problem ?? fallOf(newest, serving),
  };
}

/** States that a generation comes to by its own fault. */
const fallen: ReadonlySet<GenerationState> = new Set(['rejected', 'rolled-back', 'crashed', 'quarantined']);

/** Why the newest generation is not the one that serves. */
function fallOf(newest: GenerationStatus | undefined, serving: GenerationStatus | undefined): string | null {
  if (newest === undefined || newest === serving || !fallen.has(newest.state)) return null;
  return `Generation ${newest.generation} is ${newest.state}: ${newest.reason}`;
}
