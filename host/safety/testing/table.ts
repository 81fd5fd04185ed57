import type { Attack, Outcome } from './attack.ts';
import { postures } from './posture.ts';

const words: Readonly<Record<Outcome, string>> = {
  impossible: 'impossible',
  'a yes': 'needs a yes',
  possible: '**possible**',
};

/** The table of the documents, in Markdown. */
export function renderTable(attacks: readonly Attack[]): string {
  const rows = attacks.map(({ action, outcomes, because }) => {
    const cells = postures.map((posture) => words[outcomes[posture]]);
    return `| ${[action, ...cells, because].join(' | ')} |`;
  });
  return [
    '| what an injected text may want | off | ask | plain | hardened | because |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}
