/**
 * The published corpus and query mix. Everything follows from the seed: words are drawn from 30,000 invented ones by Zipf's
 * law, every memory holds the word "project", every second one "user", every fifth "deploy", and every tenth a person's name.
 */
export const corpusSize = 100_000;
const vocabularySize = 30_000;
const startTime = Date.UTC(2024, 0, 1);

export interface CorpusMemory {
  readonly content: string;
  readonly tags: string;
  readonly importance: number;
  readonly createdAt: string;
}

export interface Corpus {
  readonly memories: readonly CorpusMemory[];
  readonly queries: readonly BenchQuery[];
}

export interface BenchQuery {
  readonly kind: 'rare' | 'mixed' | 'skewed' | 'name' | 'part' | 'slip' | 'absent' | 'message';
  readonly text: string;
}

export function createCorpus(seed: number, queryCount: number): Corpus {
  const random = createRandom(seed);
  const vocabulary = createVocabulary(random, vocabularySize);
  const names = Array.from({ length: 2000 }, () => `${capitalize(word(random, 3))} ${capitalize(word(random, 4))}`);
  const draw = zipf(random, vocabulary);
  const memories = Array.from({ length: corpusSize }, (_, index) => {
    const words = Array.from({ length: 8 + Math.floor(random() * 50) }, draw);
    words.splice(Math.floor(random() * words.length), 0, 'project');
    if (index % 2 === 0) words.push('user');
    if (index % 5 === 0) words.push('deploy');
    if (index % 10 === 0) words.unshift(pick(random, names));
    return {
      content: words.join(' '),
      tags: random() < 0.3 ? `${draw()},${draw()}` : '',
      importance: 1 + Math.floor(random() * 5),
      createdAt: new Date(startTime + index * 600_000).toISOString().slice(0, 19).replace('T', ' '),
    };
  });
  const queries = Array.from({ length: queryCount }, (_, index) =>
    createQuery(index, random, { draw, vocabulary, names }),
  );
  return { memories, queries };
}

interface Words {
  readonly draw: () => string;
  readonly vocabulary: readonly string[];
  readonly names: readonly string[];
}

const kinds: readonly BenchQuery['kind'][] = [
  'mixed',
  'skewed',
  'rare',
  'message',
  'name',
  'mixed',
  'part',
  'skewed',
  'slip',
  'absent',
];

function createQuery(index: number, random: () => number, { draw, vocabulary, names }: Words): BenchQuery {
  const kind = kinds[index % kinds.length] ?? 'mixed';
  const rare = () => vocabulary[10_000 + Math.floor(random() * 20_000)] ?? '';
  const common = () => pick(random, ['project', 'user', 'deploy', ...vocabulary.slice(0, 20)]);
  switch (kind) {
    case 'rare':
      return { kind, text: rare() };
    case 'mixed':
      return { kind, text: `${draw()} ${rare()} ${draw()}` };
    case 'skewed':
      return { kind, text: Array.from({ length: 1 + Math.floor(random() * 5) }, common).join(' ') };
    case 'name':
      return { kind, text: pick(random, names) };
    case 'part':
      return { kind, text: pick(random, names).slice(0, 4) };
    case 'slip': {
      const name = pick(random, names).split(' ')[1] ?? '';
      const at = Math.floor(random() * name.length);
      return { kind, text: name.slice(0, at) + name.slice(at + 1) };
    }
    case 'absent':
      return { kind, text: `${word(random, 6)} ${word(random, 6)}` };
    case 'message':
      return { kind, text: `Please tell me ${Array.from({ length: 30 }, draw).join(' ')} project user?` };
  }
}

/** Mulberry32: small, seeded, good enough for words. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function createVocabulary(random: () => number, size: number): readonly string[] {
  const words = new Set<string>();
  while (words.size < size) words.add(word(random, 2 + Math.floor(random() * 3)));
  return [...words];
}

function word(random: () => number, syllables: number): string {
  const consonants = 'bcdfghklmnprstvwz';
  const vowels = 'aeiou';
  const letter = (letters: string) => letters[Math.floor(random() * letters.length)] ?? '';
  return Array.from({ length: syllables }, () => letter(consonants) + letter(vowels)).join('');
}

/** Draws the n-th word with a probability in proportion to 1/n. */
function zipf(random: () => number, vocabulary: readonly string[]): () => string {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= vocabulary.length; rank += 1) {
    sum += 1 / rank;
    sums.push(sum);
  }
  return () => {
    const target = random() * sum;
    let [low, high] = [0, sums.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return vocabulary[low] ?? '';
  };
}

function pick<T>(random: () => number, items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
