import { hasTag, type Run, sharedDepth } from './run.ts';

/** Beyond so many Telegram drops formatting from a message without a word. */
const maxEntities = 100;
/** How much of a part a cut may leave empty, to fall between two blocks, or between two lines. */
const blockShare = 0.25;
const lineShare = 0.5;

interface PlacedRun extends Run {
  readonly start: number;
}

/**
 * Cuts runs into parts of at most `limit` UTF-16 units: between blocks where that is near, else between lines, else
 * between words, else between graphemes. `blockStarts` are offsets in the text. White space at a cut is dropped, as
 * Telegram would drop it; in code only the line's end is.
 */
export function splitRuns(runs: readonly Run[], blockStarts: ReadonlySet<number>, limit: number): Run[][] {
  const text = runs.map((run) => run.text).join('');
  const placed = place(runs);
  const parts: Run[][] = [];
  let start = skipSpace(placed, text, 0, false);
  while (start < text.length) {
    const end = chooseCut(placed, text, start, limit, blockStarts);
    const part = slice(placed, start, trimmedEnd(placed, text, start, end));
    if (part.some((run) => run.text.trim() !== '')) parts.push(part);
    start = end >= text.length ? end : skipSpace(placed, text, end, true);
  }
  return parts;
}

function place(runs: readonly Run[]): PlacedRun[] {
  let start = 0;
  return runs.flatMap((run) => {
    const placed = { ...run, start };
    start += run.text.length;
    return run.text === '' ? [] : [placed];
  });
}

function chooseCut(
  placed: readonly PlacedRun[],
  text: string,
  start: number,
  limit: number,
  blockStarts: ReadonlySet<number>,
): number {
  const reach = Math.min(start + limit, entityLimit(placed, start));
  if (reach >= text.length) return text.length;
  const cuts = graphemeCuts(text, start, reach);
  const room = reach - start;
  const last = (isGood: (cut: number) => boolean, share: number) =>
    cuts.findLast((cut) => cut - start >= room * share && isGood(cut));
  return (
    last((cut) => blockStarts.has(cut), blockShare) ??
    last((cut) => text.startsWith('\n\n', cut), lineShare) ??
    last((cut) => text[cut] === '\n' || text[cut - 1] === '\n', lineShare) ??
    last((cut) => isSpace(text[cut]) || isSpace(text[cut - 1]), lineShare) ??
    cuts.at(-1) ??
    // One grapheme longer than a part: at least no surrogate pair is cut.
    (isHighSurrogate(text, reach - 1) ? reach - 1 : reach)
  );
}

/** Where graphemes end after `start`, up to `reach`. */
function graphemeCuts(text: string, start: number, reach: number): number[] {
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  // The whole character behind the reach tells whether a grapheme ends there.
  const segments = [...graphemes.segment(text.slice(start, reach + 2))];
  return segments.map(({ index }) => start + index).filter((cut) => cut > start && cut <= reach);
}

/** Where the tag opens that would be one too many for a message that begins at `start`. */
function entityLimit(placed: readonly PlacedRun[], start: number): number {
  let entities = 0;
  let open: Run['tags'] = [];
  for (const run of placed) {
    if (run.start + run.text.length <= start) continue;
    entities += run.tags.length - sharedDepth(open, run.tags);
    if (entities > maxEntities && run.start > start) return run.start;
    open = run.tags;
  }
  return Number.POSITIVE_INFINITY;
}

function slice(placed: readonly PlacedRun[], start: number, end: number): Run[] {
  return placed
    .filter((run) => run.start < end && run.start + run.text.length > start)
    .map((run) => ({ text: run.text.slice(Math.max(0, start - run.start), end - run.start), tags: run.tags }));
}

function skipSpace(placed: readonly PlacedRun[], text: string, from: number, isAfterCut: boolean): number {
  let at = from;
  while (at < text.length && isSpace(text[at])) {
    if (isInPre(placed, at)) return isAfterCut && at === from && text[at] === '\n' ? at + 1 : at;
    at++;
  }
  return at;
}

function trimmedEnd(placed: readonly PlacedRun[], text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text[at - 1])) {
    if (isInPre(placed, at - 1)) return at === end && text[at - 1] === '\n' ? at - 1 : at;
    at--;
  }
  return at;
}

function isInPre(placed: readonly PlacedRun[], at: number): boolean {
  const run = placed.findLast((one) => one.start <= at);
  return run !== undefined && hasTag(run.tags, 'pre');
}

const isSpace = (character: string | undefined) => character === ' ' || character === '\n' || character === '\t';
const isHighSurrogate = (text: string, at: number) => /[\ud800-\udbff]/.test(text[at] ?? '');
