import { stopWords } from './stop-words.ts';

/** Words are what SQLite's `unicode61` tokenizer takes for words, folded as it folds them. */
const wordPattern = /[\p{L}\p{N}\p{Co}]+/gu;
/** The same in text that is plain ASCII, which most is, and several times as fast. */
const asciiWordPattern = /[a-z0-9]+/g;

/** Lower case, without accents. */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  return isAscii(lower) ? lower : lower.normalize('NFD').replace(/\p{M}/gu, '');
}

/** All words in their order, repeated ones too. */
export function wordsOf(text: string): readonly string[] {
  const folded = fold(text);
  return folded.match(isAscii(folded) ? asciiWordPattern : wordPattern) ?? [];
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 127) return false;
  return true;
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
