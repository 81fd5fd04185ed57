import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attempt } from './testing/attack.ts';
import { approvalAttacks, attacks, postureAttacks } from './testing/attacks.ts';
import { Lab } from './testing/lab.ts';
import { missingFor, type Posture, postures } from './testing/posture.ts';
import { renderTable } from './testing/table.ts';

/** Two claws side by side: most of the time they wait for processes to start. */
describe('a model that does what the attacker says', { concurrency: 2 }, () => {
  for (const posture of postures) tryPosture(posture);
});

function tryPosture(posture: Posture): void {
  const skip = missingFor(posture);
  test(`in the posture "${posture}" it gets exactly as far as the documents say`, {
    skip,
    timeout: 240_000,
  }, async (t) => {
    await using lab = await Lab.open(posture);
    for (const attack of attacks) {
      const expected = attack.outcomes[posture];
      if (expected === undefined) continue;
      await t.test(`${attack.action}: ${expected}`, async () => {
        const { outcome, ways } = await attempt(attack, lab);
        assert.equal(outcome, expected, JSON.stringify(ways, null, 2));
      });
    }
  });
}

test('the documents carry the tables that are tried', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'SECURITY.md'), 'utf8');
  const tables = [
    renderTable(postureAttacks, { off: 'off', ask: 'ask', plain: 'plain', hardened: 'hardened' }),
    renderTable(approvalAttacks, { plain: 'nothing marked', approvals: '`shell`, `deploy`, `post` marked' }),
  ];
  for (const table of tables) assert.ok(text.includes(table), `SECURITY.md does not hold this table:\n${table}`);
});
