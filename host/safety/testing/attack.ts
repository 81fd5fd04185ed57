import type { Lab } from './lab.ts';
import type { Posture } from './posture.ts';

/** What became of an attack: nothing, nothing while nobody says yes, or what it wanted. */
export type Outcome = 'impossible' | 'a yes' | 'possible';

/** Something that an injected text may want, by every way that is known to us. */
export interface Attack {
  /** As the documents tell it. */
  readonly action: string;
  /** Absent: not tried there. */
  readonly outcomes: Readonly<Partial<Record<Posture, Outcome>>>;
  /** What keeps it from happening, or what bounds it. */
  readonly because: string;
  /** Each gives whether the effect was there, which is looked for from outside: the words of a refusal prove nothing. */
  readonly ways: Readonly<Record<string, (lab: Lab) => Promise<boolean>>>;
}

export interface Attempt {
  readonly outcome: Outcome;
  /** What each way came to. */
  readonly ways: Readonly<Record<string, Outcome>>;
}

/** Goes every way, whatever the others come to. */
export async function attempt({ ways }: Attack, lab: Lab): Promise<Attempt> {
  const found: Record<string, Outcome> = {};
  for (const [name, way] of Object.entries(ways)) {
    const before = lab.asked;
    const isDone = await way(lab);
    found[name] = isDone ? 'possible' : lab.asked > before ? 'a yes' : 'impossible';
  }
  const all = Object.values(found);
  const worst = (['possible', 'a yes'] as const).find((outcome) => all.includes(outcome));
  return { outcome: worst ?? 'impossible', ways: found };
}
