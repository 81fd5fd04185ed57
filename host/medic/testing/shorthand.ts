import type { GenerationState } from '../../generations/state.ts';
import type { GenerationEvent, MedicEvent } from '../event.ts';
import type { GenerationHistory, History } from '../history.ts';
import type { Step } from '../step.ts';

/** The time of every row. */
export const now = 10_000_000;

const states: Readonly<Record<string, GenerationState>> = {
  b: 'built',
  s: 'staged',
  p: 'probation',
  c: 'committed',
  d: 'draining',
  x: 'crashed',
  r: 'rolled-back',
  q: 'quarantined',
  o: 'stopped',
  j: 'rejected',
};

/**
 * Reads a plugin's history: generations as `NUMBER STATE`, oldest first.
 * `*` current · `+` proven, `-` not (default: c, d, x, o are, and 0) · `(10,1,0)` on probation for 10 s, 1 round of
 * probes passed, returns to 0, and with a fourth number probed so many seconds ago · `?` its type check is pending, `!` failed · `#A5` crashed with signature A 5 s ago ·
 * `%3/20` 3 of 20 calls failed · `=h1` its hash (default: h and its number) · `ban:h2` a quarantined hash.
 */
export function parseHistory(text: string, name = 'x'): History {
  const tokens = text.split(' ').filter((token) => token !== '');
  const banned = tokens.filter((token) => token.startsWith('ban:')).map((token) => token.slice(4));
  const generations = tokens.filter((token) => /^\d/.test(token));
  const current = generations.find((token) => token.includes('*'));
  return {
    plugins: {
      [name]: {
        name,
        current: current === undefined ? null : Number.parseInt(current, 10),
        generations: generations.map(parseGeneration),
        quarantined: banned,
      },
    },
    failedBoots: tokens
      .filter((token) => token.startsWith('boot-'))
      .map((token) => now - Number(token.slice(5)) * 1_000),
    suspects: [],
    isSafeMode: tokens.includes('safe'),
  };
}

function parseGeneration(token: string): GenerationHistory {
  const generation = Number.parseInt(token, 10);
  const letter = token.replace(/^\d+/, '')[0] ?? '';
  const probation = /\((\d+),(\d+),(\d+|-)(?:,(\d+))?\)/.exec(token);
  const calls = /%(\d+)\/(\d+)/.exec(token);
  const provenByState = generation === 0 || 'cdxo'.includes(letter);
  return {
    generation,
    hash: /=(\w+)/.exec(token)?.[1] ?? `h${generation}`,
    state: states[letter]!,
    isProven: token.includes('+') || (provenByState && !token.includes('-')),
    check: token.includes('?') ? 'pending' : token.includes('!') ? 'failed' : 'none',
    crashes: [...token.matchAll(/#([A-Z])(\d+)/g)].map(([, signature, ago]) => ({
      at: now - Number(ago) * 1_000,
      signature: signature!,
    })),
    probation:
      probation === null
        ? null
        : {
            since: now - Number(probation[1]) * 1_000,
            watchedMs: 0,
            probesPassed: Number(probation[2]),
            probedAt: now - Number(probation[4] ?? 0) * 1_000,
            returnTo: probation[3] === '-' ? null : Number(probation[3]),
          },
    calls: Number(calls?.[2] ?? 0),
    failedCalls: Number(calls?.[1] ?? 0),
  };
}

/** Reads an event: `crashed 2 A 5000` (signature, ready for), `probed 2 ok`, `built 3 =h2 ?`, `boot unrequested 5000` … */
export function parseEvent(text: string, plugin = 'x'): MedicEvent {
  const [type = '', first = '', second = '', third = ''] = text.split(' ');
  const generation = Number(first);
  const isGood = second === 'ok';
  switch (type as MedicEvent['type']) {
    case 'tick':
      return { type: 'tick' };
    case 'rollback':
      return { type: 'rollback', plugin, ...(first === '' ? {} : { to: generation }) };
    case 'forbid':
      return { type: 'forbid', plugin, hash: first, reason: 'a person said so' };
    case 'retire':
      return { type: 'retire', plugin, reason: 'its file is gone' };
    case 'unquarantine':
      return { type: 'unquarantine', plugin, hash: first };
    case 'boot':
      return {
        type: 'boot',
        death: first as 'none',
        upMs: Number(second || 3_600_000),
        diedAt: now,
      };
    case 'built':
      return {
        type: 'built',
        plugin,
        generation,
        hash: /=(\w+)/.exec(text)?.[1] ?? `h${first}`,
        isChecked: text.includes('?'),
      };
    case 'crashed':
      return { type: 'crashed', plugin, generation, signature: second, readyMs: Number(third || 5_000) };
    case 'stage-failed':
      return { type: 'stage-failed', plugin, generation, reason: 'setup threw' };
    case 'checked':
      return { type: 'checked', plugin, generation, isPassed: isGood, reason: 'types' };
    case 'probed':
      return { type: 'probed', plugin, generation, isPassed: isGood, reason: 'a probe failed' };
    case 'called':
      return { type: 'called', plugin, generation, calls: 1, failedCalls: isGood ? 0 : 1 };
    case 'staged':
    case 'drained':
      return { type: type as 'staged', plugin, generation } satisfies GenerationEvent;
  }
}

/** `2>crashed@1` moved, and the pointer to 1 · `start 1+2000` after 2 s · `drain 2` · `kill 2` · `ban h2` · `probe 2` · `safe`. */
export function printSteps(steps: readonly Step[]): string {
  return steps
    .filter((step) => step.do !== 'tell')
    .map(printStep)
    .join(' ');
}

function printStep(step: Step): string {
  switch (step.do) {
    case 'move':
      return `${step.generation}>${step.to}${step.point === undefined ? '' : `@${step.point ?? 'none'}`}`;
    case 'start':
      return `start ${step.generation}${step.afterMs === 0 ? '' : `+${step.afterMs}`}`;
    case 'stop':
      return `${step.how} ${step.generation}`;
    case 'quarantine':
      return `ban ${step.hash}`;
    case 'probe':
    case 'tell':
      return `${step.do} ${step.generation}`;
    case 'safe-mode':
      return 'safe';
  }
}
