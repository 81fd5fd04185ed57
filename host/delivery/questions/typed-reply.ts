import type { Choice, Question } from '../../store/delivery/question-store.ts';

/** What a typed text chooses. */
export interface TypedReply {
  readonly question: Question;
  readonly choice: Choice;
}

/** Longer texts are messages. */
const longestReply = 80;

/** First words of choices that a bare yes or no means. */
const yesWords: ReadonlySet<string> = new Set(['yes', 'y', 'ok', 'okay', 'allow', 'approve', 'confirm', 'accept']);
const noWords: ReadonlySet<string> = new Set(['no', 'n', 'deny', 'reject', 'refuse', 'cancel', 'decline']);

/**
 * The choice that a text of a person names by its number, its label, or a bare yes or no; null when it names none, or could
 * mean more than one of the open questions.
 */
export function findTypedReply(questions: readonly Question[], text: string): TypedReply | null {
  const said = normalize(text);
  if (said === '' || text.length > longestReply) return null;
  for (const names of [byNumber, byLabel, byYesOrNo]) {
    const found = questions.flatMap((question) => names(question, said).map((choice) => ({ question, choice })));
    if (found.length > 0) return found.length === 1 ? (found[0] ?? null) : null;
  }
  return null;
}

function byNumber({ choices, firstNumber }: Question, said: string): Choice[] {
  return choices.filter((_, index) => String(firstNumber + index) === said);
}

function byLabel({ choices }: Question, said: string): Choice[] {
  return choices.filter(({ id, label }) => normalize(label) === said || id.toLowerCase() === said);
}

function byYesOrNo({ choices }: Question, said: string): Choice[] {
  const words = [yesWords, noWords].find((one) => one.has(said));
  if (words === undefined) return [];
  return choices.filter(({ id, label }) => [id, label].some((name) => words.has(firstWord(name))));
}

function firstWord(text: string): string {
  return normalize(text).split(/[^\p{L}]+/u, 1)[0] ?? '';
}

function normalize(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[\s.!)]+$/u, '')
    .replace(/\s+/gu, ' ');
}
