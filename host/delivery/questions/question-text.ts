import type { Question } from '../../store/delivery/question-store.ts';

/** The key of a question in the outbox. */
export function questionMessageKey(id: string): string {
  return `ask:${id}`;
}

/** A question for a channel without buttons, as Markdown. */
export function numberedText({ text, choices, firstNumber }: Question): string {
  const lines = choices.map(({ label }, index) => `- ${firstNumber + index}: ${label}`);
  return [text, '', ...lines, '', 'Answer with the number.'].join('\n');
}

/** How a question ended, in the words that take the place of its buttons. */
export function endText(question: Question): string {
  switch (question.state) {
    case 'open':
      return 'This question is open.';
    case 'answered':
      return `✓ ${question.choices.find(({ id }) => id === question.choice)?.label ?? question.choice}`;
    case 'expired':
      return 'Nobody answered in time.';
    case 'withdrawn':
      return 'This is not asked any more.';
  }
}
