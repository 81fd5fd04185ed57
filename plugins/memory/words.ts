import { stopWords } from './stop-words.ts';

/** Words are what SQLite's `unicode61` tokenizer takes for words, folded as it folds them. */
const wordPattern = /[\p{L}\p{N}\p{Co}]+/gu;

/** Lower case, without accents. */
export function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

/** All words in their order, repeated ones too. */
export function wordsOf(text: string): readonly string[] {
  return fold(text).match(wordPattern) ?? [];
}

const maxTerms = 8;
/** A query's head says what it is about. */
const maxQueryLength = 4000;

/** The words to search for: without stop words unless there are no others, longest first, at most eight. */
export function searchTerms(query: string): readonly string[] {
  const words = [...new Set(wordsOf(query.slice(0, maxQueryLength)))];
  const telling = words.filter((word) => !stopWords.has(word));
  return longestFirst(telling.length > 0 ? telling : words);
}

/** The words of a message that may bring a memory to mind: none when all are short or stop words. */
export function recallTerms(message: string): readonly string[] {
  const words = new Set(wordsOf(message.slice(0, maxQueryLength)));
  return longestFirst([...words].filter((word) => byteLength(word) >= 3 && !stopWords.has(word)));
}

function longestFirst(words: readonly string[]): readonly string[] {
  return words.toSorted((a, b) => b.length - a.length).slice(0, maxTerms);
}

function byteLength(word: string): number {
  return new TextEncoder().encode(word).length;
}
