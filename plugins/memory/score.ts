import { type CountedTerm, commonAt, type Reach, scarceBelow } from './candidate-plan.ts';
import { defaultImportance, type Memory } from './memory.ts';
import { isOneSlipAway, minFuzzyLength } from './similar-word.ts';
import { fold, wordsOf } from './words.ts';

/** The usual constants of BM25. */
const saturation = 1.2;
const lengthWeight = 0.75;
const usualLength = 40;

const tagWeight = 2;
const partWeight = 0.5;
const similarWeight = 0.35;
const phraseBonus = 1.5;
/** Of one step of importance. */
const importanceWeight = 0.06;

export interface Query {
  /** The whole query, folded: a memory that holds it word for word is worth more. */
  readonly phrase: string;
  readonly terms: readonly CountedTerm[];
  readonly reach: Reach;
  /** How many memories there are, about. */
  readonly total: number;
}

/** How well a memory answers a query; 0 when no word of it stands there. */
export function scoreMemory(memory: Memory, query: Query): number {
  const words = wordsOf(memory.content);
  const tags = wordsOf(memory.tags ?? '');
  const length = words.length + tags.length;
  let score = 0;
  for (const term of query.terms) {
    const frequency = weigh(words, term, query.reach) + tagWeight * weigh(tags, term, query.reach);
    if (frequency === 0) continue;
    const norm = 1 - lengthWeight + (lengthWeight * length) / usualLength;
    score += rarity(term.count, query.total) * ((frequency * (saturation + 1)) / (frequency + saturation * norm));
  }
  if (score === 0) return 0;
  if (query.terms.length > 1 && fold(memory.content).includes(query.phrase)) score *= phraseBonus;
  return score * (1 + importanceWeight * (memory.importance - defaultImportance));
}

/** How often a word stands among others. A scarce word counts a little where it is a part of another or misspelt. */
function weigh(words: readonly string[], { term, count }: CountedTerm, reach: Reach): number {
  let exact = 0;
  for (const word of words) if (word === term) exact += 1;
  if (exact > 0 || reach === 'exact' || count >= scarceBelow) return exact;
  if (words.some((word) => word.includes(term))) return partWeight;
  return term.length >= minFuzzyLength && words.some((word) => isOneSlipAway(word, term)) ? similarWeight : 0;
}

/** Inverse document frequency. The true count of a common word is unknown: a quarter of all is taken for it. */
function rarity(count: number, total: number): number {
  const documents = Math.max(total, count);
  const known = count >= commonAt ? Math.max(commonAt, documents / 4) : count;
  return Math.log(1 + (documents - known + 0.5) / (known + 0.5));
}
