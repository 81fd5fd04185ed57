import { type CountedTerm, commonAt } from './candidate-plan.ts';
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
  readonly text: string;
  readonly terms: readonly CountedTerm[];
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
    const frequency = weigh(words, term.term) + tagWeight * weigh(tags, term.term);
    if (frequency === 0) continue;
    const norm = 1 - lengthWeight + (lengthWeight * length) / usualLength;
    score += rarity(term.count, query.total) * ((frequency * (saturation + 1)) / (frequency + saturation * norm));
  }
  if (score === 0) return 0;
  const phrase = fold(query.text).trim();
  if (query.terms.length > 1 && fold(memory.content).includes(phrase)) score *= phraseBonus;
  return score * (1 + importanceWeight * (memory.importance - defaultImportance));
}

function weigh(words: readonly string[], term: string): number {
  let exact = 0;
  let near = 0;
  for (const word of words) {
    if (word === term) exact += 1;
    else if (near < partWeight && term.length > 1 && word.includes(term)) near = partWeight;
    else if (near === 0 && term.length >= minFuzzyLength && isOneSlipAway(word, term)) near = similarWeight;
  }
  return exact > 0 ? exact : near;
}

/** Inverse document frequency. The true count of a common word is unknown: a quarter of all is taken for it. */
function rarity(count: number, total: number): number {
  const documents = Math.max(total, count);
  const known = count >= commonAt ? Math.max(commonAt, documents / 4) : count;
  return Math.log(1 + (documents - known + 0.5) / (known + 0.5));
}
