import type { GenerationMove } from '../../journal/journal.ts';
import type { History } from '../history.ts';
import type { Step } from '../step.ts';

/** What of a decision stands in the journal: every transition, and every start of another life. */
export function rowsOf(steps: readonly Step[], history: History): readonly GenerationMove[] {
  return steps.flatMap((step) => {
    if (step.do !== 'move' && step.do !== 'start') return [];
    const { plugin, generation } = step;
    const hash = history.plugins[plugin]?.generations.find((one) => one.generation === generation)?.hash ?? '';
    if (step.do === 'start') {
      const reason = step.afterMs === 0 ? 'it starts' : `it starts in ${step.afterMs} ms`;
      return [{ plugin, generation, hash, state: 'built', reason }];
    }
    const { to, reason, point } = step;
    return [{ plugin, generation, hash, state: to, reason, ...(point === undefined ? {} : { current: point }) }];
  });
}
