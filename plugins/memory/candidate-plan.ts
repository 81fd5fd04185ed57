import type { SqlStatement } from '@clay/sdk';
import { halvesOf, minFuzzyLength } from './similar-word.ts';

/** A word of the query, and in how many memories it stands; counted up to {@link commonAt} only. */
export interface CountedTerm {
  readonly term: string;
  readonly count: number;
}

/** `exact`: whole words only. `similar`: a scarce word may be a part of another, or misspelt. */
export type Reach = 'exact' | 'similar';

/** A word in this many memories is common: ranking all of them would take longer the more there are. */
export const commonAt = 500;
/** Rare words are ranked together while they stand in this many memories in all. */
const rankedMemories = 1000;
/** Memories taken by one query. */
const perQuery = 40;
/** What is common is looked for together, or in part, among this many of the newest memories. */
const newestWindow = 20_000;
/** A word in fewer memories than this is looked for as a part of longer words too. */
export const scarceBelow = 5;
const maxCommonTerms = 3;
const minTrigramLength = 3;

export function countStatement(term: string): SqlStatement {
  return {
    sql: `SELECT count(*) AS count FROM (SELECT 1 FROM memories_fts WHERE memories_fts MATCH ? LIMIT ${commonAt})`,
    parameters: [quote(term)],
  };
}

/**
 * The statements whose memories are worth a closer look: some hundred at most, however many there are. What is rare is ranked
 * by SQLite, what is common is taken from the newest, and a word that hardly stands anywhere may be a part of a name or
 * misspelt.
 */
export function planCandidates(terms: readonly CountedTerm[], newestId: number, reach: Reach): readonly SqlStatement[] {
  const rare = terms.filter(({ count }) => count > 0 && count < commonAt).sort((a, b) => a.count - b.count);
  const common = terms.filter(({ count }) => count >= commonAt).slice(0, maxCommonTerms);
  const floor = Math.max(0, newestId - newestWindow);
  const statements: SqlStatement[] = [];

  const ranked = withinBudget(rare);
  if (ranked.length > 0) statements.push(rankedStatement(ranked.map(({ term }) => term)));

  const present = terms.filter(({ count }) => count > 0);
  if (present.length > 1) {
    statements.push(
      newestStatement(
        present.map(({ term }) => term),
        rare.length > 0 ? 0 : floor,
      ),
    );
  }
  for (const [index, first] of common.entries()) {
    for (const other of common.slice(index + 1)) statements.push(newestStatement([first.term, other.term], floor));
    if (rare.length === 0) statements.push(newestStatement([first.term], 0));
  }
  for (const { term, count } of terms) {
    if (reach === 'similar' && count < scarceBelow) statements.push(...partStatements(term, count, floor));
  }
  return statements;
}

function withinBudget(rare: readonly CountedTerm[]): readonly CountedTerm[] {
  let sum = 0;
  return rare.filter(({ count }, index) => {
    sum += count;
    return index === 0 || sum <= rankedMemories;
  });
}

function rankedStatement(terms: readonly string[]): SqlStatement {
  return {
    sql: `SELECT rowid AS id FROM memories_fts WHERE memories_fts MATCH ? ORDER BY rank LIMIT ${perQuery}`,
    parameters: [terms.map(quote).join(' OR ')],
  };
}

function newestStatement(terms: readonly string[], floor: number): SqlStatement {
  return {
    sql: `SELECT rowid AS id FROM memories_fts WHERE memories_fts MATCH ? AND rowid > ? ORDER BY rowid DESC LIMIT ${perQuery}`,
    parameters: [terms.map(quote).join(' AND '), floor],
  };
}

function partStatements(term: string, count: number, floor: number): readonly SqlStatement[] {
  if (term.length < minTrigramLength) {
    return [
      {
        sql: `SELECT rowid AS id FROM memories_fts WHERE memories_fts MATCH ? ORDER BY rowid DESC LIMIT ${perQuery}`,
        parameters: [`${quote(term)} *`],
      },
    ];
  }
  // Halves of a word are common, so a misspelt one is looked for among the newest.
  const halves = count === 0 && term.length >= minFuzzyLength ? halvesOf(term) : [];
  return [trigramStatement(term, 0), ...halves.map((half) => trigramStatement(half, floor))];
}

function trigramStatement(part: string, floor: number): SqlStatement {
  return {
    sql: `SELECT rowid AS id FROM memories_trigram WHERE memories_trigram MATCH ? AND rowid > ? ORDER BY rowid DESC LIMIT ${perQuery}`,
    parameters: [quote(part), floor],
  };
}

/** A string of the FTS5 query language: whatever the word holds, it is no operator. */
function quote(term: string): string {
  return `"${term.replaceAll('"', '""')}"`;
}
