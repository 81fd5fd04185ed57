import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { HOSTILE } from './corpus.ts';
import { Jail } from './jail.ts';

const TIMEOUT_MS = 30_000;
/** Node and V8 need some 60 MB, the greatest budget of a case is the default of 256 MB, and garbage waits a while. */
const PEAK_MB = 1_500;

describe('a hostile program ends in an ordinary way, and the process lives', () => {
  const jail = new Jail();
  after(() => jail.close());
  for (const hostile of HOSTILE) {
    test(hostile.name, async () => {
      const { source, limits } = hostile;
      const answer = await jail.run({ source, ...(limits ? { limits } : {}) }, TIMEOUT_MS);
      if (hostile.mayEnd && answer.error === null) assert.ok(answer.ms < 5_000, `${Math.round(answer.ms)} ms`);
      else if (hostile.error)
        assert.match(answer.error ?? `no error, printed ${answer.output.slice(0, 200)}`, hostile.error);
      else assert.deepEqual({ error: answer.error, output: answer.output }, { error: null, output: hostile.output });
      assert.ok(answer.peakMb < PEAK_MB, `${Math.round(answer.peakMb)} MB resident`);
    });
  }
});
