import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { attempt } from './testing/attack.ts';
import { attacks } from './testing/attacks.ts';
import { Lab } from './testing/lab.ts';
import { missingFor, postures } from './testing/posture.ts';
import { renderTable } from './testing/table.ts';

for (const posture of postures) {
  const skip = missingFor(posture);
  describe(`a model that does what the attacker says, in the posture "${posture}"`, { skip, timeout: 240_000 }, () => {
    test('gets exactly as far as the documents say', async (t) => {
      await using lab = await Lab.open(posture);
      for (const attack of attacks) {
        await t.test(`${attack.action}: ${attack.outcomes[posture]}`, async () => {
          const { outcome, ways } = await attempt(attack, lab);
          assert.equal(outcome, attack.outcomes[posture], JSON.stringify(ways, null, 2));
        });
      }
    });
  });
}

test('the documents carry the table that is tried', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'SECURITY.md'), 'utf8');
  assert.ok(text.includes(renderTable(attacks)), `SECURITY.md does not hold this table:\n${renderTable(attacks)}`);
});
