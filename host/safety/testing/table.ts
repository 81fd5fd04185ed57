import type { Attack, Outcome } from './attack.ts';
import type { Posture } from './posture.ts';

const words: Readonly<Record<Outcome, string>> = {
  impossible: 'impossible',
  'a yes': 'needs a yes',
  possible: '**possible**',
};

/** A table of the documents, in Markdown: a column for each posture, by its title. */
export function renderTable(attacks: readonly Attack[], columns: Readonly<Partial<Record<Posture, string>>>): string {
  const postures = Object.keys(columns) as Posture[];
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const wordOf = ({ outcomes }: Attack, posture: Posture) => {
    const outcome = outcomes[posture];
    return outcome === undefined ? 'not tried' : words[outcome];
  };
  return [
    row(['what an injected text may want', ...Object.values(columns), 'because']),
    `|${'---|'.repeat(postures.length + 2)}`,
    ...attacks.map((attack) => row([attack.action, ...postures.map((one) => wordOf(attack, one)), attack.because])),
  ].join('\n');
}
